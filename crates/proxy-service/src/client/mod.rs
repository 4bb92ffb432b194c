//! The upstream client: a pool of HTTP/1.1 connections, over TCP or (feature `tls`) TLS.
//!
//! For now it is hyper-util's, behind the seam that [`ProxyService`](crate::ProxyService) leaves for any client service:
//! the request goes in as it is to be sent, errors come out with their sources, and the [`FreshConnection`] extension asks
//! for a connection of its own.

mod builder;
mod connector;
#[allow(dead_code, reason = "the pool that is to use it is being written beside it")]
pub(crate) mod dial;
mod history;
mod lost;
mod resolver;
#[cfg(test)]
mod tests;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use bytes::Buf;
use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::{CaptureConnection, capture_connection};
use pin_project_lite::pin_project;
use tower_service::Service;

use crate::error::BoxError;
use crate::request_body::RequestBody;
pub use builder::ClientBuilder;
use connector::Connector;
use history::History;
use lost::{Lookout, LostRequest};
pub(crate) use resolver::DnsError;

/// A client with every default; [`ClientBuilder`] has the options.
pub fn client<B>() -> Client<B>
where
    B: Body + Send + Unpin + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    ClientBuilder::new().build()
}

/// A request extension: send this on a connection made for it, which nothing else is sent on.
#[derive(Clone, Copy, Debug)]
pub struct FreshConnection;

/// Sends requests to upstreams, keeping connections for the next. Clones share the pool.
pub struct Client<B> {
    pools: Arc<Pools<B>>,
}

struct Pools<B> {
    kept: legacy::Client<Connector, RequestBody<B>>,
    fresh: legacy::Client<Connector, RequestBody<B>>,
}

impl<B> Clone for Client<B> {
    fn clone(&self) -> Self {
        Self { pools: Arc::clone(&self.pools) }
    }
}

impl<B> fmt::Debug for Client<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}

impl<B> Service<Request<RequestBody<B>>> for Client<B>
where
    B: Body + Send + Unpin + 'static,
    B::Data: Buf + Send,
    B::Error: Into<BoxError>,
{
    type Response = Response<Incoming>;
    type Error = ClientError;
    type Future = ClientFuture;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), ClientError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<RequestBody<B>>) -> ClientFuture {
        let pool = match request.extensions_mut().remove::<FreshConnection>() {
            Some(FreshConnection) => &self.pools.fresh,
            None => &self.pools.kept,
        };
        let began = Instant::now();
        let connection = capture_connection(&mut request);
        ClientFuture { response: pool.request(request), connection, lookout: Lookout::new(), began }
    }
}

pin_project! {
    /// The future of a [`Client`] call; dropping it cancels the request.
    #[derive(Debug)]
    pub struct ClientFuture {
        #[pin]
        response: legacy::ResponseFuture,
        connection: CaptureConnection,
        #[pin]
        lookout: Lookout,
        began: Instant,
    }
}

impl Future for ClientFuture {
    type Output = Result<Response<Incoming>, ClientError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        Poll::Ready(match this.response.poll(cx) {
            Poll::Ready(Ok(mut response)) => {
                if let Some(history) = response.extensions_mut().remove::<History>() {
                    history.note_answer();
                }
                Ok(response)
            }
            Poll::Ready(Err(error)) => {
                let history = error.connect_info().and_then(History::of);
                Err(ClientError::new(history.as_ref(), *this.began, error))
            }
            Poll::Pending => {
                let connection = || this.connection.connection_metadata().as_ref().and_then(History::of);
                let history = ready!(this.lookout.poll_lost(cx, connection));
                Err(ClientError::new(Some(&history), *this.began, LostRequest))
            }
        })
    }
}

/// A request that got no response; its sources say why.
#[derive(Debug)]
pub struct ClientError {
    reused: bool,
    source: BoxError,
}

impl ClientError {
    fn new(connection: Option<&History>, began: Instant, source: impl Into<BoxError>) -> Self {
        let reused = connection.is_some_and(|history| history.is_older_than(began));
        Self { reused, source: source.into() }
    }

    /// Whether the connection is older than the request, so that the upstream may have closed it while it was idle.
    pub fn is_on_reused_connection(&self) -> bool {
        self.reused
    }
}

impl fmt::Display for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.reused { "no response on a reused connection" } else { "no response" })
    }
}

impl std::error::Error for ClientError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.source)
    }
}
