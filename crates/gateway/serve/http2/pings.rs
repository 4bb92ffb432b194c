//! Asks a silent client whether it is still there.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use h2::{Ping, PingPong};
use tokio::time::{Instant, Sleep, sleep};

use super::activity::Activity;

/// How long a client may be silent before it is sent a ping, and after that.
const SILENCE: Duration = Duration::from_secs(20);

/// The pings of one connection.
#[derive(Debug)]
pub(super) struct Pings {
    pings: Option<PingPong>,
    activity: Arc<Activity>,
    next: Pin<Box<Sleep>>,
    heard_before: u64,
    is_sent: bool,
}

/// The client was silent, and didn't answer a ping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Dead;

impl Pings {
    pub(super) fn new(pings: Option<PingPong>, activity: &Arc<Activity>) -> Self {
        let next = Box::pin(sleep(SILENCE));
        Self { pings, activity: Arc::clone(activity), next, heard_before: 0, is_sent: false }
    }

    /// Ready at most once.
    pub(super) fn poll_dead(&mut self, cx: &mut Context<'_>) -> Poll<Dead> {
        let Some(pings) = &mut self.pings else { return Poll::Pending };
        while self.next.as_mut().poll(cx).is_ready() {
            let heard = self.activity.heard();
            if heard != self.heard_before {
                self.heard_before = heard;
                self.is_sent &= pings.poll_pong(cx).is_pending();
            } else if self.is_sent {
                self.pings = None;
                return Poll::Ready(Dead);
            } else {
                self.is_sent = pings.send_ping(Ping::opaque()).is_ok();
            }
            self.next.as_mut().reset(Instant::now() + SILENCE);
        }
        Poll::Pending
    }
}
