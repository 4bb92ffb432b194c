//! How many requests are on one connection, and whether it may get more.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::mpsc::WeakSender;
use tokio::time::Instant;

use super::common::Common;

/// A connection is doubted if a request is given up unanswered after at least this time, and nothing was received on
/// the connection since the request was sent. A doubted connection gets no requests until the upstream has answered a
/// ping.
const LONG_SILENCE: Duration = Duration::from_secs(1);
/// A connection is also doubted after this many such requests in a row, even if each was given up sooner.
const STRIKES: u32 = 3;

pub(super) struct Load {
    in_flight: AtomicU32,
    limit: AtomicU32,
    uses: AtomicU64,
    is_retired: AtomicBool,
    is_doubted: AtomicBool,
    /// How many times something was received. It may wrap around: it is only compared for a change.
    heard: AtomicU32,
    unanswered: AtomicU32,
    rounds_idle: AtomicU32,
    /// Asks the connection's task to send a ping.
    asks: WeakSender<()>,
    common: Arc<Common>,
}

impl Load {
    pub(super) fn new(common: &Arc<Common>, asks: WeakSender<()>) -> Arc<Self> {
        Arc::new(Self {
            in_flight: AtomicU32::new(0),
            limit: AtomicU32::new(0),
            uses: AtomicU64::new(0),
            is_retired: AtomicBool::new(false),
            is_doubted: AtomicBool::new(false),
            heard: AtomicU32::new(0),
            unanswered: AtomicU32::new(0),
            rounds_idle: AtomicU32::new(0),
            asks,
            common: Arc::clone(common),
        })
    }

    pub(super) fn set_limit(&self, limit: u32) {
        if self.limit.swap(limit, Ordering::Relaxed) < limit {
            self.common.room.notify_waiters();
        }
    }

    /// From now on the connection gets no more requests.
    pub(super) fn retire(&self) {
        self.is_retired.store(true, Ordering::Release);
    }

    /// The upstream takes no more requests on this connection.
    pub(super) fn note_end(&self) {
        self.retire();
        if self.uses() == 0 {
            self.common.outlook.note_fruitless();
        }
    }

    pub(super) fn is_retired(&self) -> bool {
        self.is_retired.load(Ordering::Acquire)
    }

    /// Whether the connection may get requests: it is neither retired nor doubted.
    pub(super) fn is_good(&self) -> bool {
        !self.is_retired() && !self.is_doubted.load(Ordering::Acquire)
    }

    pub(super) fn has_room(&self) -> bool {
        self.is_good() && self.in_flight() < self.limit.load(Ordering::Relaxed)
    }

    pub(super) fn in_flight(&self) -> u32 {
        self.in_flight.load(Ordering::Relaxed)
    }

    pub(super) fn uses(&self) -> u64 {
        self.uses.load(Ordering::Relaxed)
    }

    /// Something was received from the upstream.
    pub(super) fn note_heard(&self) {
        self.heard.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn heard(&self) -> u32 {
        self.heard.load(Ordering::Relaxed)
    }

    /// The connection gets no requests until the upstream has answered a ping.
    fn doubt(&self) {
        if !self.is_doubted.swap(true, Ordering::AcqRel)
            && let Some(asks) = self.asks.upgrade()
        {
            let _is_asked_already = asks.try_send(());
        }
    }

    /// The upstream has answered a ping: the connection may get requests again.
    pub(super) fn trust(&self) {
        self.unanswered.store(0, Ordering::Relaxed);
        if self.is_doubted.swap(false, Ordering::AcqRel) {
            self.common.room.notify_waiters();
        }
    }

    /// Counts one more request; says how many there were before.
    pub(super) fn note_use(&self) -> u64 {
        self.rounds_idle.store(0, Ordering::Relaxed);
        let before = self.uses.fetch_add(1, Ordering::Relaxed);
        if before == 0 {
            self.common.outlook.note_fruit();
        }
        before
    }

    /// Counts one more round of the reaper without a request; says how many in a row that makes.
    pub(super) fn note_round(&self) -> u32 {
        self.rounds_idle.fetch_add(1, Ordering::Relaxed) + 1
    }

    pub(super) fn occupy(self: &Arc<Self>) -> Option<Occupied> {
        let limit = self.limit.load(Ordering::Relaxed);
        let one_more = |in_flight| (in_flight < limit).then_some(in_flight + 1);
        self.in_flight.fetch_update(Ordering::AcqRel, Ordering::Relaxed, one_more).ok()?;
        Some(Occupied { load: Arc::clone(self), awaited: None })
    }
}

/// A request's place on a connection. It is free again when this is dropped, once the stream has ended or was given up.
pub(super) struct Occupied {
    load: Arc<Load>,
    /// None before the request is sent, and once it is answered.
    awaited: Option<Awaited>,
}

/// When a request was sent, and what had been received on the connection by then.
struct Awaited {
    since: Instant,
    heard_before: u32,
}

impl Occupied {
    /// The request was sent, and waits for its answer.
    pub(super) fn note_sent(&mut self) {
        self.awaited = Some(Awaited { since: Instant::now(), heard_before: self.load.heard() });
    }

    /// The upstream has answered this request, or has reset its stream.
    pub(super) fn note_answer(&mut self) {
        self.awaited = None;
        self.load.unanswered.store(0, Ordering::Relaxed);
    }

    /// The connection gets no other requests either.
    pub(super) fn retire_connection(&self) {
        self.load.retire();
    }

    /// Whether the connection has had other requests.
    pub(super) fn is_on_shared_connection(&self) -> bool {
        self.load.uses() > 1
    }

    fn note_unanswered(&self, awaited: &Awaited) {
        if self.load.heard() != awaited.heard_before {
            return self.load.unanswered.store(0, Ordering::Relaxed);
        }
        let in_a_row = self.load.unanswered.fetch_add(1, Ordering::Relaxed) + 1;
        if in_a_row >= STRIKES || awaited.since.elapsed() >= LONG_SILENCE {
            self.load.doubt();
        }
    }
}

impl Drop for Occupied {
    fn drop(&mut self) {
        if let Some(awaited) = &self.awaited {
            self.note_unanswered(awaited);
        }
        self.load.in_flight.fetch_sub(1, Ordering::AcqRel);
        self.load.common.room.notify_one();
    }
}
