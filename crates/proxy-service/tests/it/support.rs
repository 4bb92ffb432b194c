//! The upstreams that the tests share, and an authority that certifies them.

pub(crate) mod authenticating;
#[cfg(feature = "tls")]
pub(crate) mod authority;
pub(crate) mod numbered;
