//! A connection that is idle: its stream, its deadline and its ear, and no buffers.

use std::future::poll_fn;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::BytesMut;
use tokio::time::Instant;

use super::super::Limits;
use super::super::ear::Ear;
use super::super::stream::{OverSocket, poll_read_new};
use super::super::timer::Timer;

/// How long a connection that retires may be idle, so that a request that is on its way still finds it open.
const LAST_WORD: Duration = Duration::from_secs(5);

/// A connection without buffers.
pub(super) struct Parked<T> {
    pub(super) stream: T,
    pub(super) timer: Timer,
    pub(super) ear: Ear,
    pub(super) idle_since: Instant,
}

/// A connection on which bytes have been received, and no head was read yet.
pub(in super::super) struct Opening<T> {
    pub(in super::super) stream: T,
    pub(in super::super) received: BytesMut,
    /// When the time for the head began.
    pub(in super::super) since: Instant,
    pub(in super::super) timer: Timer,
    pub(in super::super) ear: Ear,
}

impl<T: OverSocket> Parked<T> {
    /// Waits for the next bytes. `None` if the connection has to be closed: the client closed it or sent nothing for too
    /// long, or the shutdown has begun.
    pub(super) async fn until_spoken_to(mut self, limits: &Limits) -> Option<Opening<T>> {
        self.timer.set(self.idle_since, limits.keep_alive_idle);
        let mut is_retiring = false;
        let received = poll_fn(|cx| self.poll_received(&mut is_retiring, cx)).await?;
        let since = Instant::now();
        self.timer.set(since, limits.request_head);
        let Self { stream, timer, ear, .. } = self;
        Some(Opening { stream, received, since, timer, ear })
    }

    fn poll_received(&mut self, is_retiring: &mut bool, cx: &mut Context<'_>) -> Poll<Option<BytesMut>> {
        if let Poll::Ready(read) = poll_read_new(&mut self.stream, cx) {
            return Poll::Ready(read.ok().filter(|received| !received.is_empty()));
        }
        if self.ear.poll_begun(cx).is_ready() {
            return Poll::Ready(None);
        }
        if !*is_retiring && self.ear.poll_retiring(cx).is_ready() {
            *is_retiring = true;
            self.timer.bring_forward(LAST_WORD);
        }
        ready!(self.timer.poll_expired(cx));
        Poll::Ready(None)
    }
}
