//! What is wrong with a message that was read.

use std::fmt;

use http::StatusCode;

/// What is wrong with a message that was read. There is one variant for each rule that it can break, and each ends the
/// connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fault {
    /// The connection ended before the first byte of a response.
    ClosedBeforeHead,
    /// The connection ended inside a head.
    CutHead,
    /// The connection ended inside a body (RFC 9112 §8).
    CutBody,
    /// Bytes came from the server while no request was waiting for a response.
    UnaskedResponse,

    /// A first line that isn't `method SP target SP HTTP/1.x` (RFC 9112 §3).
    InvalidRequestLine,
    /// A first line that doesn't begin with `HTTP/1.x SP three digits` (RFC 9112 §4).
    InvalidStatusLine,
    /// A version other than HTTP/1.0 and HTTP/1.1 (RFC 9112 §2.3).
    UnknownVersion,
    /// A target that has none of the four forms, that has bytes that no URI can have, or that is in authority-form
    /// though the method isn't CONNECT (RFC 9112 §3.2).
    InvalidTarget,
    /// A target with a fragment, which is never part of a target (RFC 9110 §7.1).
    FragmentInTarget,
    /// A line that ends in LF without CR. RFC 9112 §2.2 lets a recipient accept it as a line's end, but not every one
    /// does.
    BareLineFeed,
    /// A field name that is empty or isn't a token (RFC 9110 §5.1).
    InvalidFieldName,
    /// Blanks between a field's name and its colon, in a request or a trailer section (RFC 9112 §5.1).
    BlankBeforeColon,
    /// A field value with a CR, NUL or another control character (RFC 9110 §5.5).
    InvalidFieldValue,
    /// A field value that continues on the next line, in a request or a trailer section (RFC 9112 §5.2).
    ObsoleteFolding,
    /// A head of more bytes than [`Limits::section`](crate::Limits::section).
    HeadTooLarge,
    /// More field lines than [`Limits::fields`](crate::Limits::fields).
    TooManyFields,
    /// A target of more bytes than [`Limits::target`](crate::Limits::target).
    TargetTooLong,

    /// No `Host` in an HTTP/1.1 request (RFC 9112 §3.2).
    MissingHost,
    /// More than one `Host` (RFC 9112 §3.2).
    RepeatedHost,
    /// A `Host` with bytes that a host and port can't have (RFC 9112 §3.2).
    InvalidHost,
    /// An `Expect` that isn't `100-continue` (RFC 9110 §10.1.1).
    UnknownExpectation,

    /// More than one `Content-Length`, equal or not (RFC 9112 §6.3).
    RepeatedLength,
    /// A `Content-Length` that isn't one number of at most 64 bits (RFC 9110 §8.6).
    InvalidLength,
    /// More than one `Transfer-Encoding` (RFC 9112 §6.1).
    RepeatedCoding,
    /// A `Transfer-Encoding` with other codings before `chunked` (RFC 9112 §6.1).
    UnknownCoding,
    /// A `Transfer-Encoding` whose last coding isn't `chunked`, so that it doesn't say where the body ends (RFC 9112
    /// §6.3).
    UnendedCoding,
    /// A `Transfer-Encoding` in HTTP/1.0, which doesn't have that field (RFC 9112 §6.1).
    CodingInHttp10,
    /// `Content-Length` together with `Transfer-Encoding` (RFC 9112 §6.3).
    LengthAndCoding,

    /// A chunk size that isn't 1 to 16 hexadecimal digits (RFC 9112 §7.1).
    InvalidChunkSize,
    /// A chunk extension that isn't in the grammar, such as one without a name (RFC 9112 §7.1.1).
    InvalidChunkExtension,
    /// More bytes of chunk extensions than [`Limits::extensions`](crate::Limits::extensions).
    ChunkExtensionsTooLarge,
    /// A chunk whose content isn't followed by CR LF where its size says that it ends (RFC 9112 §7.1).
    UnendedChunk,
    /// A trailer section of more bytes than [`Limits::trailers`](crate::Limits::trailers).
    TrailersTooLarge,

    /// More interim (1xx) responses than [`Limits::interim`](crate::Limits::interim).
    TooManyInterim,
    /// A 101 in response to a request that didn't ask for another protocol (RFC 9110 §7.8).
    UnaskedSwitch,
}

/// The kind of a [`Fault`], for reports that don't need to name the rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FaultKind {
    /// The connection ended in the middle of a message, or before it.
    Closed,
    /// The message breaks the protocol in any other way, or is over any other limit.
    Malformed,
    /// The size of a head, the size of its target or the number of fields is over the limit.
    TooLarge,
    /// A `Transfer-Encoding` that isn't exactly one `chunked`, or is in HTTP/1.0.
    Coding,
    /// A switch of protocols that wasn't asked for.
    Switch,
}

impl Fault {
    /// The status that a server answers such a request with.
    #[must_use]
    pub fn status(self) -> StatusCode {
        match self {
            Self::TargetTooLong => StatusCode::URI_TOO_LONG,
            Self::HeadTooLarge | Self::TooManyFields => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::UnknownExpectation => StatusCode::EXPECTATION_FAILED,
            Self::UnknownCoding => StatusCode::NOT_IMPLEMENTED,
            Self::UnknownVersion => StatusCode::HTTP_VERSION_NOT_SUPPORTED,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// The kind of this fault.
    #[must_use]
    pub fn kind(self) -> FaultKind {
        match self {
            Self::ClosedBeforeHead | Self::CutHead | Self::CutBody => FaultKind::Closed,
            Self::HeadTooLarge | Self::TooManyFields | Self::TargetTooLong => FaultKind::TooLarge,
            Self::RepeatedCoding | Self::UnknownCoding | Self::UnendedCoding | Self::CodingInHttp10 => {
                FaultKind::Coding
            }
            Self::UnaskedSwitch => FaultKind::Switch,
            _ => FaultKind::Malformed,
        }
    }

    /// The fault as one word for a log, such as `bare_line_feed`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.words().0
    }

    /// The word for a log, and the sentence for a reader.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::ClosedBeforeHead => {
                ("closed_before_head", "the connection ended before the first byte of a response")
            }
            Self::CutHead => ("cut_head", "the connection ended inside a head"),
            Self::CutBody => ("cut_body", "the connection ended inside a body"),
            Self::UnaskedResponse => ("unasked_response", "bytes came that answer no request"),
            Self::InvalidRequestLine => ("invalid_request_line", "the request line is malformed"),
            Self::InvalidStatusLine => ("invalid_status_line", "the status line is malformed"),
            Self::UnknownVersion => ("unknown_version", "the version is neither HTTP/1.0 nor HTTP/1.1"),
            Self::InvalidTarget => ("invalid_target", "the target is malformed"),
            Self::FragmentInTarget => ("fragment_in_target", "the target has a fragment"),
            Self::BareLineFeed => ("bare_line_feed", "a line ends in LF alone"),
            Self::InvalidFieldName => ("invalid_field_name", "a field name is empty or no token"),
            Self::BlankBeforeColon => {
                ("blank_before_colon", "there are blanks between a field name and its colon")
            }
            Self::InvalidFieldValue => ("invalid_field_value", "a field value has a control character"),
            Self::ObsoleteFolding => ("obsolete_folding", "a field value goes on in the next line"),
            Self::HeadTooLarge => ("head_too_large", "the head is larger than its limit"),
            Self::TooManyFields => ("too_many_fields", "there are more fields than the limit"),
            Self::TargetTooLong => ("target_too_long", "the target is longer than its limit"),
            Self::MissingHost => ("missing_host", "there is no Host"),
            Self::RepeatedHost => ("repeated_host", "there is more than one Host"),
            Self::InvalidHost => ("invalid_host", "the Host is malformed"),
            Self::UnknownExpectation => ("unknown_expectation", "the Expect isn't 100-continue"),
            Self::RepeatedLength => ("repeated_length", "there is more than one Content-Length"),
            Self::InvalidLength => ("invalid_length", "the Content-Length isn't one number"),
            Self::RepeatedCoding => ("repeated_coding", "there is more than one Transfer-Encoding"),
            Self::UnknownCoding => ("unknown_coding", "there are other codings than chunked"),
            Self::UnendedCoding => ("unended_coding", "the last transfer coding isn't chunked"),
            Self::CodingInHttp10 => ("coding_in_http10", "there is a Transfer-Encoding in HTTP/1.0"),
            Self::LengthAndCoding => ("length_and_coding", "there are Content-Length and Transfer-Encoding"),
            Self::InvalidChunkSize => ("invalid_chunk_size", "a chunk size isn't 1 to 16 hexadecimal digits"),
            Self::InvalidChunkExtension => ("invalid_chunk_extension", "a chunk extension is malformed"),
            Self::ChunkExtensionsTooLarge => {
                ("chunk_extensions_too_large", "the chunk extensions are larger than their limit")
            }
            Self::UnendedChunk => ("unended_chunk", "a chunk doesn't end where its size says"),
            Self::TrailersTooLarge => ("trailers_too_large", "the trailer section is larger than its limit"),
            Self::TooManyInterim => ("too_many_interim", "there are more interim responses than the limit"),
            Self::UnaskedSwitch => ("unasked_switch", "the protocol was switched without being asked for"),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words().1)
    }
}

impl std::error::Error for Fault {}
