use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::http::{Request, Response};
use tower::Service;

use super::Sticky;
use super::cookie::Cookie;
use super::future::{Asked, StickyFuture};
use crate::peer;
use crate::pick::AskedWhy;

/// The service that [`AffinityLayer`](super::AffinityLayer) makes: reads the cookie of each request.
///
/// A cookie that this pool didn't sign is ignored, without an error, and the response replaces it.
#[derive(Clone, Debug)]
pub(crate) struct StickyService<S> {
    inner: S,
    cookie: Arc<Cookie>,
}

impl<S> StickyService<S> {
    pub(super) fn new(inner: S, cookie: Arc<Cookie>) -> Self {
        Self { inner, cookie }
    }
}

impl<S, B> Service<Request<Body>> for StickyService<S>
where
    S: Service<Request<Body>, Response = Response<B>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = StickyFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let named = self.cookie.named_in(request.headers());
        if let Some(id) = named {
            request.extensions_mut().insert(Sticky(id));
        }
        request.extensions_mut().insert(AskedWhy);
        let scheme = peer::scheme(&request);
        StickyFuture::new(self.inner.call(request), Asked { cookie: Arc::clone(&self.cookie), named, scheme })
    }
}
