//! `Events`: what one reader of `/events` is sent.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Sleep, sleep_until};

use super::feed::{Feed, Look, event, snapshot};
use crate::operator::desk::Desk;
use crate::operator::view::Failure;

/// The body of the answer to one reader. It looks at the gateway when the reader wants more, and the next look is due.
#[derive(Debug)]
pub(super) struct Events {
    desk: Desk,
    feed: Arc<Feed>,
    /// What this reader has seen last.
    seen: Arc<Look>,
    /// What is still to be sent of the last look: at most a few events.
    due: VecDeque<Bytes>,
    until_next: Pin<Box<Sleep>>,
    _place: OwnedSemaphorePermit,
}

impl Events {
    pub(super) fn new(desk: Desk, feed: Arc<Feed>, place: OwnedSemaphorePermit) -> Self {
        let seen = feed.look(&desk.handle);
        let due = VecDeque::from([snapshot(&desk)]);
        let until_next = Box::pin(sleep_until(feed.next()));
        Self { desk, feed, seen, due, until_next, _place: place }
    }

    /// Has the events sent that this look brings.
    fn look(&mut self) {
        let look = self.feed.look(&self.desk.handle);
        if look.failures != self.seen.failures {
            let new = Failure::since(self.seen.failures, &self.desk.handle);
            self.due.extend(new.map(|failure| event("failure", &failure)));
        }
        if look.states != self.seen.states {
            self.due.push_back(look.pools(&self.desk));
        }
        if look.second() != self.seen.second() {
            self.due.push_back(look.tick(&self.desk));
        }
        self.seen = look;
    }
}

impl Body for Events {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        loop {
            if let Some(event) = self.due.pop_front() {
                return Poll::Ready(Some(Ok(Frame::data(event))));
            }
            if self.desk.is_closing() {
                return Poll::Ready(None);
            }
            ready!(self.until_next.as_mut().poll(cx));
            self.look();
            let next = self.feed.next();
            self.until_next.as_mut().reset(next);
        }
    }
}
