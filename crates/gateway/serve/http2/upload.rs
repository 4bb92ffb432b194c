//! The body of an HTTP/2 request.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use h2::RecvStream;
use http_body::{Body, Frame, SizeHint};

use super::content::Content;
use super::go_on::Wish;
use super::leftover;
use crate::serve::Linger;

/// A request's content. If it is dropped before its end, the rest is read and discarded for a while.
#[derive(Debug)]
pub(in crate::serve) struct Upload {
    /// `None` if there is none, and while this is dropped.
    inner: Option<Content>,
    /// Until the app has asked for the body, if the client waits for that.
    wish: Option<Wish>,
    linger: Linger,
}

impl Upload {
    /// No body at all.
    pub(super) fn none() -> Self {
        Self { inner: None, wish: None, linger: Linger::default() }
    }

    /// What the client sends, for another use than as a body.
    pub(super) fn into_stream(mut self) -> Option<RecvStream> {
        self.inner.take().map(Content::into_stream)
    }

    /// With a `wish`, the client waits until the body is asked for. `linger` limits how long the rest is read.
    pub(super) fn new(inner: Content, wish: Option<Wish>, linger: Linger) -> Self {
        Self { inner: Some(inner), wish, linger }
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        if let Some(inner) = self.inner.take()
            && !inner.is_end_stream()
        {
            leftover::discard(inner, self.linger);
        }
    }
}

impl Body for Upload {
    type Data = Bytes;
    type Error = h2::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, h2::Error>>> {
        let Some(inner) = &mut self.inner else { return Poll::Ready(None) };
        let polled = Pin::new(inner).poll_frame(cx);
        // A client that sends its body at once needn't be told.
        if let Some(wish) = self.wish.take().filter(|_| polled.is_pending()) {
            wish.say(cx);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.inner.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.as_ref().map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}
