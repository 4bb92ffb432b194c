//! Why a connection could not be made.

use std::error::Error;
use std::fmt;
use std::io;

use crate::error::ErrorKind;

/// Why a dial failed: one variant for each step of it.
#[derive(Debug)]
pub(crate) enum DialError {
    /// There is no address to connect to.
    Resolve(DnsError),
    /// No address could be connected to. Of the errors of all addresses, this is the most telling one.
    Connect(io::Error),
    /// The TLS handshake failed. If rustls reported an error, that is inside.
    #[cfg(feature = "tls")]
    Handshake(io::Error),
    /// Only HTTP/2 was offered, and the upstream did not choose it by ALPN.
    #[cfg(feature = "tls")]
    NotHttp2,
}

impl DialError {
    /// The kind of error, unless a source of this error has a more exact one.
    pub(crate) fn kind(&self) -> ErrorKind {
        match self {
            Self::Resolve(_) => ErrorKind::DnsError,
            // An I/O error without a more exact kind comes from this machine, not from the upstream: this process has
            // no file descriptors left, for example.
            Self::Connect(_) => ErrorKind::ConnectionLimitReached,
            #[cfg(feature = "tls")]
            Self::Handshake(_) | Self::NotHttp2 => ErrorKind::TlsProtocolError,
        }
    }
}

impl fmt::Display for DialError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Resolve(_) => "no address to connect to",
            Self::Connect(_) => "no connection",
            #[cfg(feature = "tls")]
            Self::Handshake(_) => "no TLS handshake",
            #[cfg(feature = "tls")]
            Self::NotHttp2 => "the upstream did not agree to HTTP/2 (ALPN h2)",
        })
    }
}

impl Error for DialError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Resolve(error) => Some(error),
            Self::Connect(error) => Some(error),
            #[cfg(feature = "tls")]
            Self::Handshake(error) => Some(error),
            #[cfg(feature = "tls")]
            Self::NotHttp2 => None,
        }
    }
}

/// Why a name could not be resolved.
#[derive(Debug)]
pub(crate) enum DnsError {
    Failed(io::Error),
    TimedOut,
}

impl DnsError {
    pub(crate) fn is_timeout(&self) -> bool {
        matches!(self, Self::TimedOut)
    }
}

impl fmt::Display for DnsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(error) => write!(f, "name not resolved: {error}"),
            Self::TimedOut => f.write_str("name not resolved in time"),
        }
    }
}

impl Error for DnsError {}
