//! Asking an upstream whether it is still there.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use h2::{Ping, PingPong};
use tokio::time::{Instant, Sleep, sleep};

use super::load::Load;
use super::options::KeepAlive;

/// How long the upstream may be silent after a ping, if the options set no timeout. Such a ping was sent because
/// requests were given up unanswered.
const PATIENCE: Duration = Duration::from_secs(10);

/// One connection's pings: those that are asked for because the connection is doubted, and those that are sent at the
/// interval that the options set.
pub(super) struct Pings {
    pings: Option<PingPong>,
    load: Arc<Load>,
    patience: Duration,
    /// Set while a ping is unanswered: how long the upstream may still be silent, and how often it had been heard by
    /// the time that this wait began.
    awaited: Option<(Pin<Box<Sleep>>, u32)>,
    regular: Option<Regular>,
}

/// Pings at an interval: one is due if nothing was received during a whole interval and a request is under way.
struct Regular {
    interval: Duration,
    next: Pin<Box<Sleep>>,
    heard_before: u32,
}

/// Nothing was received from the upstream for as long as it may be silent after a ping.
pub(super) struct Dead;

impl Pings {
    pub(super) fn new(pings: Option<PingPong>, load: &Arc<Load>, keep_alive: Option<KeepAlive>) -> Self {
        let regular = keep_alive.map(|KeepAlive { interval, .. }| Regular {
            interval,
            next: Box::pin(sleep(interval)),
            heard_before: load.heard(),
        });
        Self {
            pings,
            load: Arc::clone(load),
            patience: keep_alive.map_or(PATIENCE, |keep_alive| keep_alive.timeout),
            awaited: None,
            regular,
        }
    }

    /// Sends a ping, unless one is still unanswered.
    pub(super) fn ask(&mut self) {
        let Some(pings) = self.pings.as_mut().filter(|_| self.awaited.is_none()) else { return };
        if pings.send_ping(Ping::opaque()).is_ok() {
            self.awaited = Some((Box::pin(sleep(self.patience)), self.load.heard()));
        }
    }

    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Dead> {
        self.poll_regular(cx);
        let (Some(pings), Some((patience, heard_before))) = (&mut self.pings, &mut self.awaited) else {
            return Poll::Pending;
        };
        if pings.poll_pong(cx).is_ready() {
            self.awaited = None;
            self.load.trust();
            return Poll::Pending;
        }
        while patience.as_mut().poll(cx).is_ready() {
            let heard = self.load.heard();
            if heard == *heard_before {
                return Poll::Ready(Dead);
            }
            *heard_before = heard;
            patience.as_mut().reset(Instant::now() + self.patience);
        }
        Poll::Pending
    }

    fn poll_regular(&mut self, cx: &mut Context<'_>) {
        let Some(regular) = &mut self.regular else { return };
        let mut is_due = false;
        while regular.next.as_mut().poll(cx).is_ready() {
            let heard = self.load.heard();
            is_due = heard == regular.heard_before && self.load.in_flight() > 0;
            regular.heard_before = heard;
            regular.next.as_mut().reset(Instant::now() + regular.interval);
        }
        if is_due {
            self.ask();
        }
    }
}
