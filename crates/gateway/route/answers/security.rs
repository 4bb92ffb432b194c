//! `security_headers`: fields that have browsers be careful.

use std::sync::Arc;
use std::task::{Context, Poll};

use axum::http::{Request, Response};
use tower::{Layer, Service};

use super::changed::{Change, Changing};
use crate::config::SecurityHeaders;

/// Adds fields that have browsers be careful to all answers, errors as well.
///
/// ```
/// use gateway::config::SecurityHeaders;
/// use gateway::route::answers::SecurityHeadersLayer;
///
/// let layer = SecurityHeadersLayer::new(SecurityHeaders::usual());
/// # let _ = tower::Layer::layer(&layer, ());
/// ```
#[derive(Clone, Debug)]
pub struct SecurityHeadersLayer {
    headers: Arc<SecurityHeaders>,
}

impl SecurityHeadersLayer {
    /// Adds these.
    pub fn new(headers: SecurityHeaders) -> Self {
        Self { headers: Arc::new(headers) }
    }
}

impl<S> Layer<S> for SecurityHeadersLayer {
    type Service = WithSecurityHeaders<S>;

    fn layer(&self, inner: S) -> Self::Service {
        WithSecurityHeaders { inner, headers: Arc::clone(&self.headers) }
    }
}

/// The service of a [`SecurityHeadersLayer`].
#[derive(Clone, Debug)]
pub struct WithSecurityHeaders<S> {
    inner: S,
    headers: Arc<SecurityHeaders>,
}

impl<S, A, B> Service<Request<A>> for WithSecurityHeaders<S>
where
    S: Service<Request<A>, Response = Response<B>>,
{
    type Response = Response<B>;
    type Error = S::Error;
    type Future = Changing<S::Future, AddFields>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<A>) -> Self::Future {
        Changing::new(self.inner.call(request), AddFields(Arc::clone(&self.headers)))
    }
}

/// Adds fields to an answer.
#[derive(Clone, Debug)]
pub struct AddFields(Arc<SecurityHeaders>);

impl<B> Change<Response<B>> for AddFields {
    type Changed = Response<B>;

    fn change(self, mut response: Response<B>) -> Response<B> {
        for (name, value) in &self.0.fields {
            if self.0.replace || !response.headers().contains_key(name) {
                response.headers_mut().insert(name.clone(), value.clone());
            }
        }
        response
    }
}
