//! The answer's body.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

use super::endpoint::Endpoint;
use super::multiplexed::Occupied;
use crate::error::BoxError;

/// The answer's body, as a [`Client`](crate::Client) has it from the upstream. It drives its connection as it is read, and
/// gives it back as soon as all has been received; dropped before that, it closes it, or over HTTP/2 resets its stream.
pub struct ClientBody {
    incoming: Incoming,
    /// None if a task drives it, or if nothing is left to receive.
    source: Option<Source>,
    /// What it takes up of a connection that it shares.
    occupied: Option<Occupied>,
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
        let mut body = Self { incoming, source: Some(Source { connection, endpoint }), occupied: None };
        body.give_back_if_done();
        body
    }

    pub(super) fn driven_elsewhere(incoming: Incoming) -> Self {
        Self { incoming, source: None, occupied: None }
    }

    pub(super) fn of_stream(incoming: Incoming, occupied: Occupied) -> Self {
        Self { incoming, source: None, occupied: Some(occupied) }
    }

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

    /// hyper takes a stream that was reset without an error (RFC 9113 §8.1) for one that came to its end.
    fn is_cut_off(&self) -> bool {
        self.occupied.is_some() && !self.incoming.is_end_stream()
    }

    fn give_back_if_done(&mut self) {
        if let Some(source) = self.source.take_if(|source| source.connection.is_done()) {
            source.connection.give_back(&source.endpoint);
        }
    }
}

/// The stream was reset before the end of the answer.
const CUT_OFF: &str = "the upstream broke off the answer";

impl Body for ClientBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match self.poll_received(cx) {
            Poll::Ready(None) if self.is_cut_off() => Poll::Ready(Some(Err(CUT_OFF.into()))),
            received => received.map_err(Into::into),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}

/// What has been received. Only driving the connection brings more, so nobody needs to be woken for it.
fn poll_silently(incoming: &mut Incoming) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
    Pin::new(incoming).poll_frame(&mut Context::from_waker(Waker::noop()))
}

impl fmt::Debug for ClientBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBody").field("incoming", &self.incoming).finish_non_exhaustive()
    }
}
