//! What an HTTP/1 connection is doing, and until when.
//!
//! hyper has only one timer for HTTP/1. It starts when hyper begins to wait for a request's head, and stops when the
//! head is complete. So an idle connection and a slow head would have the same time limit. Here they have two. hyper
//! gets [a timer](super::head_awaited) that never fires, and only reports *when* hyper begins to wait. The socket
//! reports the first byte after that, and the service reports the complete head. `drive` reads the deadline that
//! follows from this. A request costs one look at the clock and a few plain stores, but no timer and no allocation.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::Request;
use http_body::Body;
use hyper::upgrade::OnUpgrade;
use tokio::time::{Instant, sleep_until};

use self::flush::Flush;
use self::requests::Requests;
use super::Limits;

mod flush;
mod requests;

/// The state of one connection, which its socket, its service and `drive` share. All of them run in one task, so
/// relaxed ordering is enough for all atomics.
#[derive(Debug)]
pub(super) struct Activity {
    accepted: Instant,
    request_head: Duration,
    keep_alive_idle: Duration,
    phase: AtomicU8,
    /// In microseconds after `accepted`, as are the next two.
    deadline: AtomicU64,
    idle_since: AtomicU64,
    awake_since: AtomicU64,
    upgraded: AtomicBool,
    pub(super) requests: Requests,
    /// Whether the socket's buffer is full, because the client doesn't read.
    write_blocked: AtomicBool,
    /// Locked only for requests that ask for an upgrade, and at the end of a connection.
    refused_upgrade: Mutex<Option<OnUpgrade>>,
    pub(super) flush: Flush,
}

const OPENING: u8 = 0;
const IDLE: u8 = 1;
const HEAD: u8 = 2;
const BUSY: u8 = 3;
const PARKED: u8 = 4;
const NEVER: u64 = u64::MAX;

/// What to do with a connection whose deadline has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expired {
    /// Park it.
    Parked,
    /// It can't be parked yet.
    NotYet,
    /// End it.
    Ended,
}

/// An HTTP/1 connection is parked after it has been idle for as long as it was active before, within these bounds. So a
/// connection with few requests frees its memory soon, and one with many doesn't free what it would need again at once.
const SOONEST_PARKED: Duration = Duration::from_millis(50);
const LATEST_PARKED: Duration = Duration::from_secs(1);

impl Activity {
    /// The state of a connection that was accepted just now.
    pub(super) fn new(limits: &Limits) -> Self {
        let activity = Self {
            accepted: Instant::now(),
            request_head: limits.request_head,
            keep_alive_idle: limits.keep_alive_idle,
            phase: AtomicU8::new(OPENING),
            deadline: AtomicU64::new(NEVER),
            idle_since: AtomicU64::new(0),
            awake_since: AtomicU64::new(0),
            upgraded: AtomicBool::new(false),
            requests: Requests::new(),
            write_blocked: AtomicBool::new(false),
            refused_upgrade: Mutex::new(None),
            flush: Flush::new(),
        };
        activity.set_deadline_in(limits.request_head);
        activity
    }

    /// Notes that hyper waits for a request's head, which means that it has read all of the last request. For the first
    /// head, the time began when the connection was accepted.
    pub(super) fn head_awaited(&self) {
        self.requests.hyper_has_read_all();
        let now = self.now();
        match self.phase.load(Relaxed) {
            OPENING => return,
            PARKED => self.awake_since.store(now, Relaxed),
            _ => {}
        }
        self.phase.store(IDLE, Relaxed);
        self.idle_since.store(now, Relaxed);
        let awake = Duration::from_micros(now.saturating_sub(self.awake_since.load(Relaxed)));
        let parked_after = awake.clamp(SOONEST_PARKED, LATEST_PARKED).min(self.keep_alive_idle);
        self.set_deadline(now, parked_after);
    }

    /// Decides what to do now that the deadline has passed. A connection that is parked is still idle. If a request
    /// asked for an upgrade, hyper would release the connection before everything is written, so parking waits for
    /// that.
    pub(super) fn expire(&self) -> Expired {
        if self.phase.load(Relaxed) != IDLE {
            return Expired::Ended;
        }
        if self.write_blocked.load(Relaxed) && self.refused_upgrade().is_some() {
            self.set_deadline_in(LATEST_PARKED);
            return Expired::NotYet;
        }
        self.phase.store(PARKED, Relaxed);
        self.set_deadline(self.idle_since.load(Relaxed), self.keep_alive_idle);
        Expired::Parked
    }

    /// Whether the connection is parked. It is until hyper waits for a request's head again.
    pub(super) fn is_parked(&self) -> bool {
        self.phase.load(Relaxed) == PARKED
    }

    /// Notes that bytes were received. If a request's head was waited for, they are its first.
    pub(super) fn bytes_received(&self) {
        if self.phase.load(Relaxed) == IDLE {
            self.phase.store(HEAD, Relaxed);
            self.set_deadline_in(self.request_head);
        }
    }

    /// Notes that a request's head is complete.
    pub(super) fn request_received<B: Body>(&self, request: &Request<B>) {
        self.phase.store(BUSY, Relaxed);
        self.deadline.store(NEVER, Relaxed);
        self.requests.received(request);
    }

    /// Notes the response to a request that asked for an upgrade. `refused` is that upgrade if the response refuses it.
    pub(super) fn upgrade_answered(&self, refused: Option<OnUpgrade>) {
        *self.refused_upgrade() = refused;
    }

    /// The refused upgrade, by which hyper returns the connection. When a connection ends on which a request once asked
    /// for an upgrade, hyper treats it as upgraded.
    pub(super) fn take_refused_upgrade(&self) -> Option<OnUpgrade> {
        self.refused_upgrade().take()
    }

    fn refused_upgrade(&self) -> MutexGuard<'_, Option<OnUpgrade>> {
        self.refused_upgrade.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes whether bytes can't be written because the client doesn't read.
    pub(super) fn write_blocked(&self, is_blocked: bool) {
        self.write_blocked.store(is_blocked, Relaxed);
    }

    /// Notes that the connection is no longer HTTP.
    pub(super) fn upgraded(&self) {
        self.upgraded.store(true, Relaxed);
    }

    pub(super) fn is_upgraded(&self) -> bool {
        self.upgraded.load(Relaxed)
    }

    /// Whether the end of the connection is the end of a response's body (RFC 9112 section 6.3, rule 8). hyper answers
    /// HTTP/1.0 in this way if the length isn't known.
    pub(super) fn is_answer_ended_by_connection(&self) -> bool {
        self.phase.load(Relaxed) == BUSY && self.requests.is_last_before_http11()
    }

    /// When the connection has been in its phase for too long. `None` while requests are in flight.
    pub(super) fn deadline(&self) -> Option<Instant> {
        match self.deadline.load(Relaxed) {
            NEVER => None,
            micros => Some(self.accepted + Duration::from_micros(micros)),
        }
    }

    /// Waits for the deadline. A later change of the deadline isn't noticed.
    pub(super) async fn expired(&self) {
        match self.deadline() {
            Some(deadline) => sleep_until(deadline).await,
            None => std::future::pending().await,
        }
    }

    pub(super) fn set_deadline_in(&self, after: Duration) {
        self.set_deadline(self.now(), after);
    }

    fn set_deadline(&self, since: u64, after: Duration) {
        self.deadline.store(since.saturating_add(micros(after)), Relaxed);
    }

    fn now(&self) -> u64 {
        micros(self.accepted.elapsed())
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(NEVER)
}
