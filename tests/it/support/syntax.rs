//! HTTP/1.1's grammar, read as strictly as RFC 9112 allows: pure functions from bytes to a part of a message or to a
//! [`Violation`]. What a lenient server would repair is refused here, because a proxy has no excuse to send it.

use super::fields::Fields;

/// What was wrong with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Violation {
    /// A line that ends in LF without CR.
    BareLf,
    /// A CR that isn't followed by LF.
    BareCr,
    /// A line longer than a megabyte.
    LineTooLong,
    /// Not `method SP target SP version`.
    RequestLine,
    /// Neither origin-form nor `OPTIONS *`, or with bytes that no URI contains.
    Target,
    /// Neither `HTTP/1.1` nor `HTTP/1.0`.
    Version,
    /// Not `version SP 3DIGIT SP [reason]`.
    StatusLine,
    /// A field line without a colon.
    FieldLine,
    /// A field name that is empty, or not a token (whitespace before the colon included).
    FieldName,
    /// A field value with a control byte in it.
    FieldValue,
    /// A line that continues the one before it.
    ObsFold,
    /// A head or a body's trailer section that ended before its empty line.
    SectionCut,
    /// Not exactly one valid `Host`.
    Host,
    /// Several `Content-Length` lines, or one that isn't digits of a `u64`.
    ContentLength,
    /// A `Transfer-Encoding` other than one `chunked` in HTTP/1.1.
    TransferEncoding,
    /// Both at once.
    LengthAndTransferEncoding,
    /// Framing fields on a message that can't have content.
    FramingWithoutContent,
    /// A chunk size that isn't 1 to 16 hex digits.
    ChunkSize,
    /// A chunk extension: a proxy chunks anew, and has no reason to make one.
    ChunkExtension,
    /// Chunk data not followed by CRLF.
    ChunkEnd,
    /// A trailer field that frames or routes the message.
    TrailerName,
    /// Bytes where there should be none.
    UnexpectedBytes,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    Http10,
    Http11,
}

/// How the end of a body is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    NoBody,
    Length(u64),
    Chunked,
    UntilClose,
}

/// `(method, target, version)`
pub fn request_line(line: &[u8]) -> Result<(String, String, Version), Violation> {
    let parts: Vec<&[u8]> = line.split(|byte| *byte == b' ').collect();
    let [method, target, version] = parts[..] else { return Err(Violation::RequestLine) };
    if !is_token(method) {
        return Err(Violation::RequestLine);
    }
    let version = self::version(version)?;
    let origin_form = target.starts_with(b"/");
    let asterisk_form = target == b"*" && method == b"OPTIONS";
    let (path, query) = target.split_at(target.iter().position(|byte| *byte == b'?').unwrap_or(target.len()));
    let is_query_byte = |byte: &u8| is_target_byte(*byte) || *byte >= 0x80;
    let has_good_bytes = path.iter().all(|byte| is_target_byte(*byte)) && query.iter().all(is_query_byte);
    if !(origin_form || asterisk_form) || !has_good_bytes {
        return Err(Violation::Target);
    }
    Ok((latin1(method), latin1(target), version))
}

/// `(version, status, reason)`
pub fn status_line(line: &[u8]) -> Result<(Version, u16, String), Violation> {
    let mut parts = line.splitn(3, |byte| *byte == b' ');
    let (Some(version), Some(code), Some(reason)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(Violation::StatusLine);
    };
    let version = self::version(version)?;
    let three_digits = code.len() == 3 && code.iter().all(u8::is_ascii_digit);
    if !three_digits || !reason.iter().all(|byte| is_value_byte(*byte)) {
        return Err(Violation::StatusLine);
    }
    let status: u16 = latin1(code).parse().map_err(|_| Violation::StatusLine)?;
    if !(100..600).contains(&status) {
        return Err(Violation::StatusLine);
    }
    Ok((version, status, latin1(reason)))
}

/// `(name, value)`, the name as received, the value without the whitespace around it.
pub fn field_line(line: &[u8]) -> Result<(String, String), Violation> {
    if line.starts_with(b" ") || line.starts_with(b"\t") {
        return Err(Violation::ObsFold);
    }
    let colon = line.iter().position(|byte| *byte == b':').ok_or(Violation::FieldLine)?;
    let (name, value) = (&line[..colon], &line[colon + 1..]);
    if !is_token(name) {
        return Err(Violation::FieldName);
    }
    if !value.iter().all(|byte| is_value_byte(*byte)) {
        return Err(Violation::FieldValue);
    }
    Ok((latin1(name), latin1(value).trim_matches([' ', '\t']).to_owned()))
}

/// RFC 9112, 6.3, for requests; `Host` is checked here too (3.2).
pub fn request_framing(version: Version, fields: &Fields) -> Result<Framing, Violation> {
    match fields.all("host")[..] {
        [host] if is_host(host) => {}
        [] if version == Version::Http10 => {}
        _ => return Err(Violation::Host),
    }
    Ok(declared_framing(version, fields)?.unwrap_or(Framing::NoBody))
}

/// RFC 9112, 6.3, for the response to a request with that method.
pub fn response_framing(
    method: &str,
    status: u16,
    version: Version,
    fields: &Fields,
) -> Result<Framing, Violation> {
    let declared = declared_framing(version, fields)?;
    match status {
        100..200 | 204 if declared.is_some() => Err(Violation::FramingWithoutContent),
        100..200 | 204 | 304 => Ok(Framing::NoBody),
        _ if method == "HEAD" => Ok(Framing::NoBody),
        _ => Ok(declared.unwrap_or(Framing::UntilClose)),
    }
}

fn declared_framing(version: Version, fields: &Fields) -> Result<Option<Framing>, Violation> {
    match (&fields.all("transfer-encoding")[..], &fields.all("content-length")[..]) {
        ([], []) => Ok(None),
        ([], [length]) => {
            number(length, 10).map(|n| Some(Framing::Length(n))).ok_or(Violation::ContentLength)
        }
        ([], _) => Err(Violation::ContentLength),
        ([coding], []) if coding.eq_ignore_ascii_case("chunked") && version == Version::Http11 => {
            Ok(Some(Framing::Chunked))
        }
        (_, []) => Err(Violation::TransferEncoding),
        (_, _) => Err(Violation::LengthAndTransferEncoding),
    }
}

pub fn chunk_size(line: &[u8]) -> Result<u64, Violation> {
    let line = latin1(line);
    if line.contains(';') {
        return Err(Violation::ChunkExtension);
    }
    number(&line, 16).ok_or(Violation::ChunkSize)
}

/// RFC 9110, 6.5.1.
pub fn check_trailer_name(name: &str) -> Result<(), Violation> {
    const FORBIDDEN: [&str; 8] = [
        "transfer-encoding",
        "content-length",
        "host",
        "connection",
        "te",
        "trailer",
        "authorization",
        "content-encoding",
    ];
    let forbidden = FORBIDDEN.iter().any(|never| name.eq_ignore_ascii_case(never));
    if forbidden { Err(Violation::TrailerName) } else { Ok(()) }
}

fn version(bytes: &[u8]) -> Result<Version, Violation> {
    match bytes {
        b"HTTP/1.1" => Ok(Version::Http11),
        b"HTTP/1.0" => Ok(Version::Http10),
        _ => Err(Violation::Version),
    }
}

/// Digits only: `str::parse` would take a sign.
fn number(text: &str, radix: u32) -> Option<u64> {
    let digits_only = text.len() <= 20 && text.chars().all(|c| c.is_digit(radix));
    digits_only.then(|| u64::from_str_radix(text, radix).ok())?
}

/// `uri-host [ ":" port ]`, without the freedom that reg-names have for `,` and `;`.
fn is_host(host: &str) -> bool {
    let (name, port) = match host.rfind(':') {
        Some(colon) if !host[colon..].contains(']') => (&host[..colon], &host[colon + 1..]),
        _ => (host, ""),
    };
    let name_is_valid = match name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(v6) => v6.parse::<std::net::Ipv6Addr>().is_ok(),
        None => {
            !name.is_empty()
                && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~%!$&'()*+=".contains(&b))
        }
    };
    name_is_valid && port.bytes().all(|b| b.is_ascii_digit())
}

fn is_token(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(b))
}

/// Visible ASCII without `#`, which starts a fragment and is never sent. This is wider than RFC 3986, which has no
/// `"<>\^`{|}`: clients do send those in queries, and raw UTF-8 too, and a proxy passes them on.
fn is_target_byte(byte: u8) -> bool {
    byte.is_ascii_graphic() && byte != b'#'
}

fn is_value_byte(byte: u8) -> bool {
    byte == b'\t' || byte == b' ' || byte.is_ascii_graphic() || byte >= 0x80
}

/// One `char` for each byte: nothing is lost, whatever the bytes mean.
pub fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}
