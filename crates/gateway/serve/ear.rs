//! Hears when the shutdown begins.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::shutdown::Begun;

/// Tells one connection's task that the shutdown has begun. Waiting for that takes a lock, so it is done once. From
/// then on, this looks at an atomic.
pub(super) struct Ear {
    news: Begun,
    begun: Pin<Box<dyn Future<Output = ()> + Send>>,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// It hasn't waited yet.
    Closed,
    /// The task is woken when the shutdown begins.
    Open,
    /// The shutdown has begun.
    Done,
}

impl Ear {
    pub(super) fn new(mut begun: Begun) -> Self {
        let news = begun.clone();
        Self { news, begun: Box::pin(async move { begun.wait().await }), state: State::Closed }
    }

    /// Whether the shutdown has begun. If not, the task is woken when it does.
    pub(super) fn poll_begun(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.state == State::Closed || self.state == State::Open && self.news.has_news() {
            self.state = match self.begun.as_mut().poll(cx) {
                Poll::Ready(()) => State::Done,
                Poll::Pending => State::Open,
            };
        }
        if self.state == State::Done { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl fmt::Debug for Ear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ear").field("state", &self.state).finish_non_exhaustive()
    }
}
