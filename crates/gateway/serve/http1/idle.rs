//! Waiting for a request.

use std::future::poll_fn;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http::request;
use http1::{Phase, RefusedHead};
use tokio::time::Instant;

use super::super::stream::OverSocket;
use super::line::Line;

/// A connection is parked after it has been idle for as long as it was active before, within these bounds. So a
/// connection with few requests frees its memory soon, and one with many doesn't free what it would need again at once.
const SOONEST_PARKED: Duration = Duration::from_millis(50);
const LATEST_PARKED: Duration = Duration::from_secs(1);

/// What came of waiting.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "it is taken apart at once, and a box would cost each request an allocation"
)]
pub(super) enum Next {
    Request(request::Parts),
    /// A head that can't be read. It is to be answered, and the connection ends then.
    Refused(Box<RefusedHead>),
    /// Nothing came for a while. The connection has been idle since this time.
    Idle(Instant),
    /// The client has closed the connection, took too long for a head, or the shutdown has begun.
    Over,
}

/// Since when a connection waits, and for what.
#[derive(Clone, Copy, Debug)]
pub(super) enum Awaited {
    /// The first bytes of a head have been received, and the timer has its deadline.
    Head,
    /// Nothing of it has been received.
    Anything { idle_since: Instant },
}

impl<T: OverSocket> Line<T> {
    /// Waits for the next request on a connection that was woken at `awake_since`.
    pub(super) async fn next(&mut self, mut awaited: Awaited, awake_since: Instant) -> Next {
        if let Awaited::Anything { idle_since } = awaited {
            let awake = idle_since.duration_since(awake_since);
            let parked_after = awake.clamp(SOONEST_PARKED, LATEST_PARKED);
            self.timer.set(idle_since, parked_after.min(self.options.limits.keep_alive_idle));
        }
        poll_fn(|cx| self.poll_next(&mut awaited, cx)).await
    }

    fn poll_next(&mut self, awaited: &mut Awaited, cx: &mut Context<'_>) -> Poll<Next> {
        loop {
            match self.wire.read_head() {
                Ok(Some(head)) => {
                    self.timer.clear();
                    return Poll::Ready(Next::Request(head));
                }
                Ok(None) if self.wire.phase() == Phase::Idle => {}
                Ok(None) => return Poll::Ready(Next::Over),
                Err(refused) => {
                    self.timer.clear();
                    return Poll::Ready(Next::Refused(refused));
                }
            }
            if let Awaited::Anything { .. } = awaited
                && !self.wire.is_drained()
            {
                *awaited = Awaited::Head;
                self.timer.set_in(self.options.limits.request_head);
            }
            match self.wire.poll_fill(cx) {
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(_)) => return Poll::Ready(Next::Over),
                Poll::Pending => break,
            }
        }
        if self.poll_shutdown(cx).is_ready() {
            return Poll::Ready(Next::Over);
        }
        ready!(self.timer.poll_expired(cx));
        Poll::Ready(match *awaited {
            Awaited::Anything { idle_since } => Next::Idle(idle_since),
            Awaited::Head => Next::Over,
        })
    }
}
