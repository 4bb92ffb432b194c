//! What a connection is doing, and how long it may go on so.
//!
//! hyper has one timer for HTTP/1, which starts when it begins to wait for a request head and ends when the head is
//! complete: either idling is cut as short as a slow head, or a slow head may take as long as idling. So hyper is given
//! [a timer](super::head_awaited) that measures nothing and only takes note of *when* hyper begins to wait; the socket takes note of the
//! first byte after that, the service of the complete head, and whoever drives the connection asks for the deadline.
//! A request costs one look at the clock and a handful of plain stores, but no timer and no allocation.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use http::{Request, Version};
use http_body::Body;
use hyper::rt::Executor;
use tokio::time::{Instant, sleep_until};

use super::Limits;
use super::framing::Ambiguous;

/// Shared by the socket, the service and the driver of one connection. All but HTTP/2's streams live in one task, so
/// nothing here orders anything else.
#[derive(Debug)]
pub(super) struct Activity {
    accepted: Instant,
    request_head: Duration,
    keep_alive_idle: Duration,
    phase: AtomicU8,
    /// Microseconds after `accepted`, as the two below.
    deadline: AtomicU64,
    idle_since: AtomicU64,
    awake_since: AtomicU64,
    streams: AtomicUsize,
    body_announced: AtomicBool,
    ends_with_connection: AtomicBool,
    upgraded: AtomicBool,
    requests: AtomicU64,
    ambiguous_request: AtomicU64,
    flush: AtomicU8,
}

const OPENING: u8 = 0;
const IDLE: u8 = 1;
const HEAD: u8 = 2;
const BUSY: u8 = 3;
const PARKED: u8 = 4;
const NEVER: u64 = u64::MAX;

const NOT_AWAITED: u8 = 0;
const AWAITED: u8 = 1;
const FLUSHED: u8 = 2;

/// How long an HTTP/1 connection idles before it is parked: as long as it has been awake, within these bounds. So one
/// that is asked now and then gives its memory back soon, and one in steady use keeps what it would need again.
const SOONEST_PARKED: Duration = Duration::from_millis(50);
const LATEST_PARKED: Duration = Duration::from_secs(1);

impl Activity {
    /// A connection that was accepted just now.
    pub(super) fn new(limits: &Limits) -> Self {
        let activity = Self {
            accepted: Instant::now(),
            request_head: limits.request_head,
            keep_alive_idle: limits.keep_alive_idle,
            phase: AtomicU8::new(OPENING),
            deadline: AtomicU64::new(NEVER),
            idle_since: AtomicU64::new(0),
            awake_since: AtomicU64::new(0),
            streams: AtomicUsize::new(0),
            body_announced: AtomicBool::new(false),
            ends_with_connection: AtomicBool::new(false),
            upgraded: AtomicBool::new(false),
            requests: AtomicU64::new(0),
            ambiguous_request: AtomicU64::new(NEVER),
            flush: AtomicU8::new(NOT_AWAITED),
        };
        activity.set_deadline_in(limits.request_head);
        activity
    }

    /// hyper waits for a request head, so all of the last request was read. The first one's time runs since the
    /// connection was accepted.
    pub(super) fn head_awaited(&self) {
        self.body_announced.store(false, Relaxed);
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

    /// Whether the deadline that has passed was only the one for being parked, which the connection now is. Its time for
    /// idling goes on.
    pub(super) fn park(&self) -> bool {
        let is_idle = self.phase.load(Relaxed) == IDLE;
        if is_idle {
            self.phase.store(PARKED, Relaxed);
            self.set_deadline(self.idle_since.load(Relaxed), self.keep_alive_idle);
        }
        is_idle
    }

    /// Until hyper waits for a request head again.
    pub(super) fn is_parked(&self) -> bool {
        self.phase.load(Relaxed) == PARKED
    }

    /// An HTTP/2 connection has no stream. It is busy all the same: what comes in need not begin a request.
    pub(super) fn no_streams(&self) {
        self.phase.store(BUSY, Relaxed);
        self.set_deadline_in(self.keep_alive_idle);
    }

    /// Bytes came in. They begin a request head if one was waited for.
    pub(super) fn bytes_received(&self) {
        if self.phase.load(Relaxed) == IDLE {
            self.phase.store(HEAD, Relaxed);
            self.set_deadline_in(self.request_head);
        }
    }

    /// A request's head has two framings, and was not handed out yet.
    pub(super) fn head_is_ambiguous(&self, Ambiguous(request): Ambiguous) {
        self.ambiguous_request.store(request, Relaxed);
    }

    /// A request head is complete.
    pub(super) fn request_received<B: Body>(&self, request: &Request<B>) {
        self.requests.fetch_add(1, Relaxed);
        self.phase.store(BUSY, Relaxed);
        self.deadline.store(NEVER, Relaxed);
        self.body_announced.store(!request.body().is_end_stream(), Relaxed);
        self.ends_with_connection.store(request.version() < Version::HTTP_11, Relaxed);
    }

    /// How many have been received.
    pub(super) fn requests(&self) -> u64 {
        self.requests.load(Relaxed)
    }

    /// Whether the request received last has two framings.
    pub(super) fn is_request_ambiguous(&self) -> bool {
        self.requests.load(Relaxed).checked_sub(1) == Some(self.ambiguous_request.load(Relaxed))
    }

    /// The connection is no longer HTTP.
    pub(super) fn upgraded(&self) {
        self.upgraded.store(true, Relaxed);
    }

    pub(super) fn is_upgraded(&self) -> bool {
        self.upgraded.load(Relaxed)
    }

    /// Whether the client may still be sending a request's body.
    pub(super) fn is_body_announced(&self) -> bool {
        self.body_announced.load(Relaxed)
    }

    /// Whether the end of the connection would pass for the end of an answer (RFC 9112 section 6.3, rule 8): hyper
    /// answers HTTP/1.0 so whenever the length is not known.
    pub(super) fn is_answer_ended_by_connection(&self) -> bool {
        self.phase.load(Relaxed) == BUSY && self.ends_with_connection.load(Relaxed)
    }

    /// An answer that broke off waits until all of it so far is out.
    pub(super) fn await_flush(&self) {
        self.flush.store(AWAITED, Relaxed);
    }

    /// The socket has all that hyper had for it; whether that was waited for.
    pub(super) fn flushed(&self) -> bool {
        let is_awaited = self.flush.load(Relaxed) == AWAITED;
        if is_awaited {
            self.flush.store(FLUSHED, Relaxed);
        }
        is_awaited
    }

    /// Since it was waited for.
    pub(super) fn is_flushed(&self) -> bool {
        self.flush.load(Relaxed) == FLUSHED
    }

    /// When this has gone on for too long; `None` while requests are in flight.
    pub(super) fn deadline(&self) -> Option<Instant> {
        match self.deadline.load(Relaxed) {
            NEVER => None,
            _ if self.streams.load(Relaxed) > 0 => None,
            micros => Some(self.accepted + Duration::from_micros(micros)),
        }
    }

    /// Waits for the deadline, as it is now.
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

/// hyper's HTTP/2 executor: a connection is idle when no stream's task is left.
#[derive(Clone, Debug)]
pub(super) struct Streams(pub(super) Arc<Activity>);

impl<F> Executor<F> for Streams
where
    F: Future + Send + 'static,
    F::Output: Send,
{
    fn execute(&self, stream: F) {
        self.0.streams.fetch_add(1, Relaxed);
        let in_flight = InFlight(Arc::clone(&self.0));
        tokio::spawn(async move {
            stream.await;
            drop(in_flight);
        });
    }
}

struct InFlight(Arc<Activity>);

impl Drop for InFlight {
    fn drop(&mut self) {
        if self.0.streams.fetch_sub(1, Relaxed) == 1 {
            self.0.no_streams();
        }
    }
}
