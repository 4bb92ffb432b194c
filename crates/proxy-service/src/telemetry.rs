//! The targets of this crate's log events, for filters.

/// A request that failed. The level depends on its [`Side`](crate::Side).
pub(crate) const ERROR: &str = "proxy_service::error";
/// Requests come without a [`Peer`](crate::Peer).
pub(crate) const PEER: &str = "proxy_service::peer";
/// How a tunnel ended.
pub(crate) const TUNNEL: &str = "proxy_service::tunnel";
/// A request was sent a second time.
pub(crate) const RETRY: &str = "proxy_service::retry";
