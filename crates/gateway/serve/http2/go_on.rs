//! `100 Continue`, for a client that holds its body back until it is asked for (RFC 9110 section 10.1.1).

use std::task::{Context, Poll};

use h2::RecvStream;
use http::Request;
use http::header::EXPECT;

use crate::serve::handoff::{Giver, Taker, handoff};

/// The end of the body: it says that the app asks for it.
#[derive(Debug)]
pub(super) struct Wish(Giver<()>);

/// The end of the stream: it hears of it, and tells the client.
#[derive(Debug)]
pub(super) struct HeldBack(Taker<()>);

/// Both ends, if the client waits.
pub(super) fn of(request: &Request<RecvStream>) -> Option<(Wish, HeldBack)> {
    let expected = request.headers().get(EXPECT)?;
    let waits = expected.as_bytes().eq_ignore_ascii_case(b"100-continue") && !request.body().is_end_stream();
    waits.then(|| {
        let (wish, heard) = handoff();
        (Wish(wish), HeldBack(heard))
    })
}

impl Wish {
    pub(super) fn say(self, cx: &Context<'_>) {
        // If the request has been answered, it is too late.
        let _ = self.0.give((), cx);
        self.0.end(cx);
    }
}

impl HeldBack {
    /// Ready once, when the app asks for the body.
    pub(super) fn poll_wanted(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match self.0.poll_take(cx) {
            Poll::Ready(Some(())) => Poll::Ready(()),
            Poll::Ready(None) | Poll::Pending => Poll::Pending,
        }
    }
}
