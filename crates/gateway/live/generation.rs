//! A generation: one configuration as it runs. And the way into the one that is current.

use std::sync::Arc;
use std::task::{Context, Poll};

use arc_swap::ArcSwap;
use axum::http::Request;
use proxy_service::TrustedPeers;
use tower::util::Oneshot;
use tower::{Service, ServiceExt};

use crate::peer::Sender;
use crate::serve::RequestBody;

/// What a request goes through. It never changes: a new configuration makes a new generation.
#[derive(Debug)]
pub(crate) struct Generation<S> {
    /// The outer layers around the routes.
    pub(crate) stack: S,
    /// The proxies in front of the gateway.
    pub(crate) trusted: TrustedPeers,
}

/// The generation that is current: the one pointer that a reload changes.
pub(crate) type Current<S> = Arc<ArcSwap<Generation<S>>>;

/// The proxies in front of the gateway, as the generation says that is current when it is asked.
pub(crate) fn trusted_now<S: Send + Sync + 'static>(current: &Current<S>) -> TrustedPeers {
    let current = Arc::clone(current);
    TrustedPeers::new(move |ip| current.load().trusted.contains(ip))
}

/// The service of one connection. Each request goes through the generation that is current when it comes, to its end.
pub(crate) struct Entrance<S> {
    current: Current<S>,
    sender: Arc<Sender>,
}

impl<S> Entrance<S> {
    pub(crate) fn new(current: &Current<S>, sender: Sender) -> Self {
        Self { current: Arc::clone(current), sender: Arc::new(sender) }
    }
}

impl<S> Clone for Entrance<S> {
    fn clone(&self) -> Self {
        Self { current: Arc::clone(&self.current), sender: Arc::clone(&self.sender) }
    }
}

impl<S> Service<Request<RequestBody>> for Entrance<S>
where
    S: Service<Request<RequestBody>> + Clone,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Oneshot<S, Request<RequestBody>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        // Which generation takes the request isn't known before it is there.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<RequestBody>) -> Self::Future {
        let generation = self.current.load();
        self.sender.tell(&mut request, &generation.trusted);
        generation.stack.clone().oneshot(request)
    }
}
