use std::sync::Arc;

use tower::Layer;

use super::cookie::Cookie;
use super::service::StickyService;
use crate::config::Affinity;

/// Reads a pool's cookie before its balancer picks, and sets it when another endpoint has answered.
#[derive(Clone, Debug)]
pub(crate) struct AffinityLayer {
    cookie: Arc<Cookie>,
}

impl AffinityLayer {
    /// For the pool of that name and the endpoints of these ids; one that comes later is never named.
    ///
    /// Gateways whose secret, pool's name and ids are the same take each other's cookies.
    pub(crate) fn new(affinity: &Affinity, pool: &str, ids: impl IntoIterator<Item = u64>) -> Self {
        Self { cookie: Arc::new(Cookie::new(affinity, pool, ids)) }
    }
}

impl<S> Layer<S> for AffinityLayer {
    type Service = StickyService<S>;

    fn layer(&self, inner: S) -> StickyService<S> {
        StickyService::new(inner, Arc::clone(&self.cookie))
    }
}
