//! The one list of names under which this crate's tracing events go out.

/// A request that failed, at the level that its [`Side`](crate::Side) deserves.
pub(crate) const ERROR: &str = "proxy_service::error";
/// Requests of which nobody says who sent them.
pub(crate) const PEER: &str = "proxy_service::peer";
/// What became of an upgraded connection.
pub(crate) const TUNNEL: &str = "proxy_service::tunnel";
/// A request sent a second time, on a fresh connection.
pub(crate) const RETRY: &str = "proxy_service::retry";
