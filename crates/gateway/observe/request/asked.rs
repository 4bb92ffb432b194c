//! What was asked.

use std::net::IpAddr;

use axum::http::{HeaderValue, Method, Uri, Version};
use http1::Fault;

/// What the edge knew of a request when it came.
#[allow(dead_code, reason = "metrics and further fields of the log will read it")]
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) id: Option<HeaderValue>,
    /// `None` if the listener refused the request and couldn't read it, as with `uri`.
    pub(crate) method: Option<Method>,
    /// As the client sent it, with the route's prefix.
    pub(crate) uri: Option<Uri>,
    pub(crate) version: Version,
    /// The peer, or the client that a trusted proxy names.
    pub(crate) client: Option<IpAddr>,
    /// Why the listener refused it.
    pub(crate) fault: Option<Fault>,
}
