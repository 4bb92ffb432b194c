use std::sync::Arc;

use tower::Layer;

use super::cookie::Cookie;
use super::service::StickyService;
use crate::config::Affinity;

/// The layer around a pool's balancer. It reads the pool's cookie before the balancer picks an endpoint, and sets a new
/// cookie if another endpoint has answered.
#[derive(Clone, Debug)]
pub(crate) struct AffinityLayer {
    cookie: Arc<Cookie>,
}

impl AffinityLayer {
    /// Makes the layer for the pool of that name.
    ///
    /// Gateways with the same secret and pool name accept each other's cookies, if their endpoints have the same ids.
    pub(crate) fn new(affinity: &Affinity, pool: &str) -> Self {
        Self { cookie: Arc::new(Cookie::new(affinity, pool)) }
    }

    /// The layer with other settings. A key that was made by chance stays as long as no secret is given.
    pub(crate) fn changed(&self, affinity: &Affinity, pool: &str) -> Self {
        Self { cookie: Arc::new(self.cookie.changed(affinity, pool)) }
    }
}

impl<S> Layer<S> for AffinityLayer {
    type Service = StickyService<S>;

    fn layer(&self, inner: S) -> StickyService<S> {
        StickyService::new(inner, Arc::clone(&self.cookie))
    }
}
