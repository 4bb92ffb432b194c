//! The client as a Tower service.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::Response;
use http_body::Body;
use tower_service::Service;

use super::body::ClientBody;
use super::error::ClientError;
use super::exchange;
use super::options::Options;
use super::sent::Sent;
use crate::error::BoxError;
use crate::target::Target;

/// Sends requests to upstreams, and keeps the connections for the next requests.
///
/// Each [`ProxyService`](crate::ProxyService) that uses the client has a pool of its own for each runtime that it is
/// used on. The pools end with the last clone of that service. Clones of the client share its options and its TLS
/// sessions.
pub struct Client<B> {
    options: Arc<Options>,
    requests: PhantomData<fn(B)>,
}

impl<B> Client<B> {
    pub(super) fn new(options: Options) -> Self {
        Self { options: Arc::new(options), requests: PhantomData }
    }

    /// Opens a connection as for a request, and closes it at once.
    pub(crate) async fn connect_and_close(&self, target: &Target) -> Result<(), ClientError> {
        self.options.dialer.dial(target, None).await.map(drop).map_err(ClientError::unsent)
    }
}

impl<B> Clone for Client<B> {
    fn clone(&self) -> Self {
        Self { options: Arc::clone(&self.options), requests: self.requests }
    }
}

impl<B> fmt::Debug for Client<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}

impl<B> Service<Sent<B>> for Client<B>
where
    B: Body + Send + Unpin + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    type Response = Response<ClientBody>;
    type Error = ClientError;
    type Future = ClientFuture;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), ClientError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Sent<B>) -> ClientFuture {
        ClientFuture { exchange: Box::pin(exchange::exchange(Arc::clone(&self.options), request)) }
    }
}

/// The future of a call to a [`Client`]. Dropping it cancels the request: an HTTP/1 connection that the request is on
/// is closed, and over HTTP/2 the request's stream is reset.
///
/// It is one box for each request, because the future of an `async fn` has no name.
#[must_use = "futures do nothing unless polled"]
pub struct ClientFuture {
    exchange: Pin<Box<dyn Future<Output = Result<Response<ClientBody>, ClientError>> + Send>>,
}

impl Future for ClientFuture {
    type Output = Result<Response<ClientBody>, ClientError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.exchange.as_mut().poll(cx)
    }
}

impl fmt::Debug for ClientFuture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientFuture").finish_non_exhaustive()
    }
}
