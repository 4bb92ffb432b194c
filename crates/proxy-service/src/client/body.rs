//! The answer's body.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

use super::endpoint::Endpoint;
use super::multiplexed::Received;
use crate::error::BoxError;

/// The answer's body, as a [`Client`](crate::Client) has it from the upstream. It drives its connection as it is read, and
/// gives it back as soon as all has been received; dropped before that, it closes it, or over HTTP/2 resets its stream.
pub struct ClientBody(Version);

enum Version {
    Http1(Http1Body),
    Http2(Received),
}

struct Http1Body {
    incoming: Incoming,
    /// None if a task drives it, or if nothing is left to receive.
    source: Option<Source>,
}

struct Source {
    connection: Box<dyn Receiving>,
    endpoint: Arc<Endpoint>,
}

/// A connection that an answer is being received on.
pub(super) trait Receiving: Send {
    /// Drives it.
    fn drive(&mut self, cx: &mut Context<'_>);

    /// Whether all of the answer has been received, though maybe not read, or nothing more will be.
    fn is_done(&self) -> bool;

    /// Takes it back to its pool, if it can be used again.
    fn give_back(self: Box<Self>, endpoint: &Arc<Endpoint>);
}

impl ClientBody {
    pub(super) fn received_on(
        connection: Box<dyn Receiving>,
        endpoint: Arc<Endpoint>,
        incoming: Incoming,
    ) -> Self {
        let mut body = Http1Body { incoming, source: Some(Source { connection, endpoint }) };
        body.give_back_if_done();
        Self(Version::Http1(body))
    }

    pub(super) fn driven_elsewhere(incoming: Incoming) -> Self {
        Self(Version::Http1(Http1Body { incoming, source: None }))
    }

    pub(super) fn of_stream(received: Received) -> Self {
        Self(Version::Http2(received))
    }
}

impl Http1Body {
    fn poll_received(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        if let Some(source) = &mut self.source {
            let received = poll_silently(&mut self.incoming);
            if received.is_ready() {
                return received;
            }
            source.connection.drive(cx);
            self.give_back_if_done();
        }
        match self.source {
            Some(_) => poll_silently(&mut self.incoming),
            None => Pin::new(&mut self.incoming).poll_frame(cx),
        }
    }

    fn give_back_if_done(&mut self) {
        if let Some(source) = self.source.take_if(|source| source.connection.is_done()) {
            source.connection.give_back(&source.endpoint);
        }
    }
}

impl Body for ClientBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match &mut self.0 {
            Version::Http1(body) => body.poll_received(cx).map_err(Into::into),
            Version::Http2(body) => Pin::new(body).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Version::Http1(body) => body.incoming.is_end_stream(),
            Version::Http2(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Version::Http1(body) => body.incoming.size_hint(),
            Version::Http2(body) => body.size_hint(),
        }
    }
}

/// What has been received. Only driving the connection brings more, so nobody needs to be woken for it.
fn poll_silently(incoming: &mut Incoming) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
    Pin::new(incoming).poll_frame(&mut Context::from_waker(Waker::noop()))
}

impl fmt::Debug for ClientBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let version = match self.0 {
            Version::Http1(_) => "HTTP/1.1",
            Version::Http2(_) => "HTTP/2",
        };
        f.debug_struct("ClientBody").field("over", &version).finish_non_exhaustive()
    }
}
