//! Which version of HTTP a connection speaks.

/// Which versions of HTTP an upstream may be spoken to in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocols {
    /// HTTP/1.1 alone.
    Http1,
    /// Over TLS what the upstream chooses by ALPN, HTTP/2 or HTTP/1.1; in the clear HTTP/1.1.
    Auto,
    /// HTTP/2 alone: chosen by ALPN over TLS, with prior knowledge (RFC 9113 §3.3) in the clear.
    Http2,
}

impl Protocols {
    /// What is spoken where nobody can be asked.
    pub(super) fn in_the_clear(self) -> Protocol {
        match self {
            Self::Http1 | Self::Auto => Protocol::Http1,
            Self::Http2 => Protocol::Http2,
        }
    }
}

/// The version of HTTP that a connection speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    Http1,
    Http2,
}
