//! Hears how far the shutdown is.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::shutdown::{Begun, Stage};

/// Tells one connection's task how far the shutdown is. Waiting for that takes a lock, so it is done once for each stage.
/// In between, this looks at an atomic.
pub(super) struct Ear {
    news: Begun,
    next: Option<Next>,
    known: Stage,
}

/// Waits for the next stage.
type Next = Pin<Box<dyn Future<Output = Stage> + Send>>;

impl Ear {
    pub(super) fn new(news: Begun) -> Self {
        Self { news, next: None, known: Stage::Serving }
    }

    /// Whether the shutdown has begun: idle connections are closed. If not, the task is woken when it does.
    pub(super) fn poll_begun(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.poll_reached(Stage::Draining, cx)
    }

    /// Whether connections end after their next answer. If not, the task is woken when they do.
    pub(super) fn poll_retiring(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.poll_reached(Stage::Retiring, cx)
    }

    fn poll_reached(&mut self, stage: Stage, cx: &mut Context<'_>) -> Poll<()> {
        while self.known < stage && (self.next.is_none() || self.news.has_news()) {
            let next = self.next.get_or_insert_with(|| {
                let (mut news, known) = (self.news.clone(), self.known);
                Box::pin(async move { news.beyond(known).await })
            });
            self.news.note();
            match next.as_mut().poll(cx) {
                Poll::Ready(now) => (self.known, self.next) = (now, None),
                Poll::Pending => break,
            }
        }
        if self.known >= stage { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl fmt::Debug for Ear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ear").field("known", &self.known).finish_non_exhaustive()
    }
}
