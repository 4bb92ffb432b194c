//! Requests that hyper loses.
//!
//! hyper hands a request to the task of its connection through a channel. If that task ends just as the request goes in, the
//! channel is drained a moment too soon: the request stays there, kept by the sender that waits for its answer, and gets
//! neither answer nor error, ever (hyperium/hyper#4122). So each request looks out for the end of its connection.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use pin_project_lite::pin_project;
use tokio::sync::futures::OwnedNotified;
use tokio::time::Sleep;

use super::history::History;

/// How long a request still waits for hyper's own word when its connection is gone. hyper drops the connection and fails
/// its request in one go, but hyper-util may get the request back and make another connection for it, silently. To be of
/// use, it must be shorter than any wait for the head of a response that is worth configuring.
const LAST_WORDS: Duration = Duration::from_secs(1);

pin_project! {
    /// Looks out for the loss of one request.
    #[derive(Debug)]
    #[project = LookoutProjection]
    pub(super) enum Lookout {
        Unsent,
        Sent {
            connection: History,
            #[pin]
            end: OwnedNotified,
        },
        Orphaned { connection: History, last_words: Pin<Box<Sleep>> },
    }
}

impl Lookout {
    pub(super) fn new() -> Self {
        Self::Unsent
    }

    fn on(connection: History) -> Self {
        Self::Sent { end: connection.end(), connection }
    }

    /// Ready, with the connection that it was lost on, when the request won't be answered. To be polled whenever the answer
    /// isn't there; `connection` is the one that the request went to last: hyper-util takes another if it gets it back.
    pub(super) fn poll_lost(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        connection: impl Fn() -> Option<History>,
    ) -> Poll<History> {
        loop {
            let next = match self.as_mut().project() {
                LookoutProjection::Unsent => match connection() {
                    Some(connection) => Self::on(connection),
                    None => return Poll::Pending,
                },
                LookoutProjection::Sent { connection, end } => {
                    ready!(end.poll(cx));
                    let last_words = Box::pin(tokio::time::sleep(LAST_WORDS));
                    Self::Orphaned { connection: connection.clone(), last_words }
                }
                LookoutProjection::Orphaned { connection: gone, last_words } => {
                    ready!(last_words.as_mut().poll(cx));
                    match connection() {
                        Some(other) if !other.is_the_same(gone) => Self::on(other),
                        _ => return Poll::Ready(gone.clone()),
                    }
                }
            };
            self.set(next);
        }
    }
}

/// A request was on its way to a connection as that ended.
#[derive(Debug)]
pub(super) struct LostRequest;

impl fmt::Display for LostRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection ended as the request was handed to it")
    }
}

impl std::error::Error for LostRequest {}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::future::poll_fn;
    use std::pin::pin;

    use tokio::time::{Instant, timeout};

    use super::*;

    const A_DAY: Duration = Duration::from_secs(86_400);

    /// When the request is known to be lost, and on which connection.
    async fn lost(connection: impl Fn() -> Option<History>) -> (Duration, History) {
        let begun = Instant::now();
        let mut lookout = pin!(Lookout::new());
        let gone = poll_fn(|cx| lookout.as_mut().poll_lost(cx, &connection)).await;
        (begun.elapsed(), gone)
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_lost_before_it_is_sent_or_while_its_connection_lasts() {
        assert!(timeout(A_DAY, lost(|| None)).await.is_err());
        let connection = History::begin();
        assert!(timeout(A_DAY, lost(|| Some(connection.clone()))).await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn what_hears_nothing_for_a_while_after_its_connection_is_lost() {
        let connection = History::begin();
        let end = async {
            tokio::time::sleep(A_DAY).await;
            connection.note_end();
        };
        let ((after, gone), ()) = tokio::join!(lost(|| Some(connection.clone())), end);
        assert!(gone.is_the_same(&connection));
        assert!(after >= A_DAY + LAST_WORDS && after < A_DAY + 2 * LAST_WORDS, "{after:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_ended_before_it_was_watched_has_ended() {
        let connection = History::begin();
        connection.note_end();
        let (after, _) = lost(|| Some(connection.clone())).await;
        assert!(after < 2 * LAST_WORDS, "{after:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn what_went_on_to_another_connection_is_lost_with_that_one_only() {
        let (first, second) = (History::begin(), History::begin());
        let current = RefCell::new(first.clone());
        let ends = async {
            first.note_end();
            tokio::time::sleep(LAST_WORDS / 2).await;
            current.replace(second.clone());
            tokio::time::sleep(A_DAY).await;
            second.note_end();
        };
        let ((after, gone), ()) = tokio::join!(lost(|| Some(current.borrow().clone())), ends);
        assert!(gone.is_the_same(&second));
        assert!(after > A_DAY, "{after:?}");
    }
}
