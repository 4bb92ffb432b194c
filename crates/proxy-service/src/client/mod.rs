//! The upstream client: a pool of connections for each endpoint, over hyper's HTTP/1 and h2.
//!
//! - `endpoint`: where a [`ProxyService`](crate::ProxyService) and its client meet: the target, and the pool.
//! - `pool`: connections that wait for the next request, by the runtime that they belong to.
//! - `connection`: one HTTP/1 connection, driven by whoever has a request on it: no task of its own, no wake across tasks.
//! - `dial`: new connections: addresses, TCP, TLS, and which HTTP is spoken.
//! - `multiplexed`: HTTP/2 connections, which requests share; each has a task that drives it.
//! - `exchange`: one request: a connection from the pool or a new one, and back with it.
//! - `bound`: connections that are one client's own, because who it is has been said on them.
//! - `answers`: how much the head of an answer may hold.
//! - `body`: the answer's body, which drives its connection as it is read.
//! - `waiting`: that a request waits for a connection or a place on one, told to whoever waits for the answer.

mod answers;
mod body;
mod bound;
mod builder;
mod connection;
mod dial;
mod endpoint;
mod error;
mod exchange;
mod multiplexed;
mod pool;
mod waiting;

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Request, Response};
use http_body::Body;
use tower_service::Service;

use crate::error::BoxError;
use crate::request_body::RequestBody;
use crate::target::Target;
use answers::AnswerLimits;
pub use body::ClientBody;
pub use bound::ClientConnection;
pub(crate) use bound::Identity;
pub use builder::ClientBuilder;
use dial::Dialer;
pub use dial::Protocols;
pub(crate) use dial::{DialError, DnsError};
pub(crate) use endpoint::Endpoint;
pub use error::ClientError;
pub(crate) use error::Diagnosis;
use multiplexed::Http2Options;
pub use pool::ConnectionCounts;
pub(crate) use pool::NoRoom;
use pool::{Keeping, Limit};
pub(crate) use waiting::{Progress, observe};

/// A client with every default; [`ClientBuilder`] has the options.
pub fn client<B>() -> Client<B>
where
    B: Body + Send + Unpin + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    ClientBuilder::new().build()
}

/// A request extension: send this on a connection made for it, which nothing else is sent on; over HTTP/2 on one that is
/// made now, unless there are as many as there may be, and that others may share.
#[derive(Clone, Copy, Debug)]
pub struct FreshConnection;

/// Sends requests to upstreams, keeping connections for the next.
///
/// Each [`ProxyService`](crate::ProxyService) over it has a pool of its own for every runtime that it is used on, which ends
/// with the last clone of that service. Clones share the options, and TLS sessions.
pub struct Client<B> {
    options: Arc<Options>,
    requests: PhantomData<fn(B)>,
}

/// What all pools of a client have in common.
#[derive(Debug)]
struct Options {
    dialer: Dialer,
    /// For what HTTP/2 can't say; none if nothing but HTTP/2 is to be spoken.
    http1_dialer: Option<Dialer>,
    protocols: Protocols,
    connect_timeout: Duration,
    keeping: Keeping,
    answers: AnswerLimits,
    http2: Http2Options,
    limit: Limit,
}

impl<B> Client<B> {
    /// Connects as for a request, and closes the connection at once.
    pub(crate) async fn connect_and_close(&self, target: &Target) -> Result<(), ClientError> {
        self.options.dialer.dial(target).await.map(drop).map_err(ClientError::unsent)
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

impl<B> Service<Request<RequestBody<B>>> for Client<B>
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

    fn call(&mut self, request: Request<RequestBody<B>>) -> ClientFuture {
        ClientFuture { exchange: Box::pin(exchange::exchange(Arc::clone(&self.options), request)) }
    }
}

/// The future of a [`Client`] call; dropping it cancels the request, and closes the connection that it is on.
///
/// One box a request: hyper's own future has no name.
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

/// What request bodies a client can send.
trait Payload: Body<Data: Send, Error: Into<BoxError>> + Send + Unpin + 'static {}

impl<B> Payload for B where B: Body<Data: Send, Error: Into<BoxError>> + Send + Unpin + 'static {}
