//! Where the endpoints of a pool come from.

use std::fmt;
use std::net::SocketAddr;
use std::num::NonZeroU16;
use std::path::PathBuf;

use http::uri::Scheme;
use proxy_service::Target;

/// One entry of a pool's list of upstreams: one endpoint, or as many as are found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upstream {
    /// Where its endpoints are.
    pub location: Location,
    /// The share of the pool's requests that each of its endpoints gets relative to the others; 1 to 1000. It
    /// multiplies weights that are found. Default: 1.
    pub weight: NonZeroU16,
    /// The tier of its endpoints: the lower number comes first. It is added to priorities that are found. Default: 0.
    /// 255 with `backup = true`.
    pub priority: u8,
}

/// Where endpoints are.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Location {
    /// One endpoint: an address, a Unix socket, or a name that is looked up for each connection.
    Fixed(Target),
    /// An endpoint at each address of the target's host.
    Name(Target),
    /// The endpoints of the SRV records (RFC 2782) that the target's host has. Scheme and base path are the target's.
    Service(Target),
    /// The endpoints in a file, in the format of Prometheus' `file_sd`.
    File(PathBuf),
}

impl Location {
    /// `http` or `https`. `None` if each endpoint has its own.
    pub fn scheme(&self) -> Option<&Scheme> {
        match self {
            Self::Fixed(target) | Self::Name(target) | Self::Service(target) => Some(target.scheme()),
            Self::File(_) => None,
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(target) | Self::Name(target) => target.fmt(f),
            Self::Service(target) => write!(f, "srv+{target}"),
            Self::File(path) => path.display().fmt(f),
        }
    }
}

/// How upstreams' names are looked up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dns {
    /// The name servers. Default: none, which stands for those of the system (`/etc/resolv.conf`).
    pub servers: Vec<SocketAddr>,
}
