//! Which version of HTTP a connection speaks.

/// Which versions of HTTP are used towards an upstream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocols {
    /// Only HTTP/1.1.
    Http1,
    /// Over TLS, the version that the upstream chooses by ALPN: HTTP/2 or HTTP/1.1. In the clear, HTTP/1.1.
    Auto,
    /// Only HTTP/2. Over TLS, the upstream has to choose it by ALPN. In the clear, it is used with prior knowledge
    /// (RFC 9113 §3.3).
    Http2,
}

impl Protocols {
    /// The version without TLS, where none is negotiated.
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
