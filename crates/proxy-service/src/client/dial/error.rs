//! Why there is no connection.

use std::error::Error;
use std::fmt;
use std::io;

use crate::error::ErrorKind;

/// Why an upstream could not be connected to, by how far it came.
#[derive(Debug)]
pub(crate) enum DialError {
    /// It has no address.
    Resolve(DnsError),
    /// Nobody took the connection: the most telling error of all its addresses.
    Connect(io::Error),
    /// The TLS handshake failed; rustls's error, where it was one, lies inside.
    #[cfg(feature = "tls")]
    Handshake(io::Error),
    /// HTTP/2 was asked for, and not agreed to by ALPN.
    #[cfg(feature = "tls")]
    NotHttp2,
}

impl DialError {
    /// What happened, as far as the sources don't know it better.
    pub(crate) fn kind(&self) -> ErrorKind {
        match self {
            Self::Resolve(_) => ErrorKind::DnsError,
            // What has no kind of its own is said by this machine, not by the upstream: it is out of descriptors, say.
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

/// Why a name has no address.
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
