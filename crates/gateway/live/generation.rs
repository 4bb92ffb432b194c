//! A generation: one configuration as it runs. And the way into the one that is current.

use std::sync::Arc;
use std::task::{Context, Poll};

use arc_swap::{ArcSwap, Guard};
use axum::http::Request;
use proxy_service::TrustedPeers;
use tower::Service;

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
    /// Where the next request goes.
    chosen: Option<Chosen<S>>,
}

/// The generation that was current when a request came.
struct Chosen<S> {
    generation: Guard<Arc<Generation<S>>>,
    stack: S,
}

impl<S> Entrance<S> {
    pub(crate) fn new(current: &Current<S>, sender: Sender) -> Self {
        Self { current: Arc::clone(current), sender: Arc::new(sender), chosen: None }
    }
}

impl<S> Clone for Entrance<S> {
    fn clone(&self) -> Self {
        Self { current: Arc::clone(&self.current), sender: Arc::clone(&self.sender), chosen: None }
    }
}

impl<S> Service<Request<RequestBody>> for Entrance<S>
where
    S: Service<Request<RequestBody>> + Clone,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    /// The listener asks this once a request is there.
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        let chosen = self.chosen.get_or_insert_with(|| {
            let generation = self.current.load();
            Chosen { stack: generation.stack.clone(), generation }
        });
        chosen.stack.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<RequestBody>) -> S::Future {
        let Chosen { generation, mut stack } =
            self.chosen.take().expect("a service is polled before it is called");
        self.sender.tell(&mut request, &generation.trusted);
        stack.call(request)
    }
}
