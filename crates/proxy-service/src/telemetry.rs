//! The one list of names under which this crate's tracing events go out.

/// A request that failed, at the level that its [`Side`](crate::Side) deserves.
pub(crate) const ERROR: &str = "proxy_service::error";
/// What became of an upgraded connection.
pub(crate) const TUNNEL: &str = "proxy_service::tunnel";
/// A request sent a second time, on a fresh connection.
pub(crate) const RETRY: &str = "proxy_service::retry";

use std::sync::Arc;

use crate::client::Endpoint;
use crate::target::Target;

/// Who answered, or should have: a response extension.
#[derive(Clone, Debug)]
pub struct Upstream {
    endpoint: Arc<Endpoint>,
    tries: u32,
}

impl Upstream {
    pub(crate) fn new(endpoint: Arc<Endpoint>, tries: u32) -> Self {
        Self { endpoint, tries }
    }

    /// The upstream that the response came from, or didn't.
    pub fn target(&self) -> &Target {
        self.endpoint.target()
    }

    /// How often this upstream was sent the request: 2 when a reused connection turned out to be dead, else 1.
    pub fn tries(&self) -> u32 {
        self.tries
    }
}
