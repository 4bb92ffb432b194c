//! What a connection is doing, and how long it may go on so.
//!
//! hyper has one timer for HTTP/1, which starts when it begins to wait for a request head and ends when the head is
//! complete: either idling is cut as short as a slow head, or a slow head may take as long as idling. So hyper is given
//! [a timer](super::head_awaited) that measures nothing and only takes note of *when* hyper begins to wait; the socket takes note of the
//! first byte after that, the service of the complete head, and whoever drives the connection asks for the deadline.
//! A request costs one look at the clock and a handful of plain stores, but no timer and no allocation.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::{Method, Request, StatusCode, Version};
use http_body::Body;
use hyper::rt::Executor;
use hyper::upgrade::OnUpgrade;
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
    /// What the request received last announced.
    content: AtomicU8,
    ends_with_connection: AtomicBool,
    upgraded: AtomicBool,
    requests: AtomicU64,
    /// The last request, counted from 1, that has come in to its last byte; HTTP/1 only.
    received_whole: AtomicU64,
    /// The last request whose body the service has read to its end.
    read_whole: AtomicU64,
    /// The peer has not taken all that was written.
    write_blocked: AtomicBool,
    /// Locked for requests that ask for an upgrade, and at the end of a connection.
    refused_upgrade: Mutex<Option<OnUpgrade>>,
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

const NOTHING: u8 = 0;
const BODY_WITH_LENGTH: u8 = 1;
const BODY_IN_CHUNKS: u8 = 2;
const TUNNEL: u8 = 3;

/// What becomes of a connection past its deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expired {
    /// It is to be parked.
    Parked,
    /// It was to be parked, and can't be yet.
    NotYet,
    Ended,
}

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
            content: AtomicU8::new(NOTHING),
            ends_with_connection: AtomicBool::new(false),
            upgraded: AtomicBool::new(false),
            requests: AtomicU64::new(0),
            received_whole: AtomicU64::new(0),
            read_whole: AtomicU64::new(0),
            write_blocked: AtomicBool::new(false),
            refused_upgrade: Mutex::new(None),
            ambiguous_request: AtomicU64::new(NEVER),
            flush: AtomicU8::new(NOT_AWAITED),
        };
        activity.set_deadline_in(limits.request_head);
        activity
    }

    /// hyper waits for a request head, so all of the last request was read. The first one's time runs since the
    /// connection was accepted.
    pub(super) fn head_awaited(&self) {
        self.content.store(NOTHING, Relaxed);
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

    /// What to do now that the deadline has passed. A connection that is parked goes on idling. hyper lets go of one that
    /// was to be upgraded before all is written, so it waits for that.
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
        self.content.store(content(request), Relaxed);
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

    /// Whether an answer with this status makes something else of the connection.
    pub(super) fn is_upgrade(&self, status: StatusCode) -> bool {
        let is_connect = self.content.load(Relaxed) == TUNNEL;
        status == StatusCode::SWITCHING_PROTOCOLS || is_connect && status.is_success()
    }

    /// A request asked for an upgrade and was answered: `refused` is the upgrade that comes to nothing, if it does.
    pub(super) fn upgrade_answered(&self, refused: Option<OnUpgrade>) {
        *self.refused_upgrade() = refused;
    }

    /// Through which hyper gives a connection back that it takes for upgraded at its end, since a request asked for it
    /// once.
    pub(super) fn take_refused_upgrade(&self) -> Option<OnUpgrade> {
        self.refused_upgrade().take()
    }

    fn refused_upgrade(&self) -> MutexGuard<'_, Option<OnUpgrade>> {
        self.refused_upgrade.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the peer leaves something unread that was to be written.
    pub(super) fn write_blocked(&self, is_blocked: bool) {
        self.write_blocked.store(is_blocked, Relaxed);
    }

    /// The connection is no longer HTTP.
    pub(super) fn upgraded(&self) {
        self.upgraded.store(true, Relaxed);
    }

    pub(super) fn is_upgraded(&self) -> bool {
        self.upgraded.load(Relaxed)
    }

    /// So many requests have come in to their last bytes, whether or not anyone has read these.
    pub(super) fn received_whole(&self, requests: u64) {
        self.received_whole.store(requests, Relaxed);
    }

    /// The service has read all of a request's body.
    pub(super) fn body_read(&self, request: u64) {
        self.read_whole.fetch_max(request, Relaxed);
    }

    /// Whether the request received last came with something that was not read to its end: the client may still be
    /// sending it.
    pub(super) fn is_content_unread(&self) -> bool {
        let is_read = self.read_whole.load(Relaxed) >= self.requests();
        self.content.load(Relaxed) != NOTHING && !is_read
    }

    /// Whether an answer with this status, given now, is the last one of an HTTP/1 connection, since the next request would
    /// be looked for in what belongs to this one. A body that nobody wants is skipped by hyper if all of it is here and it is
    /// in one piece; behind a CONNECT that is refused there may be anything (RFC 9110 section 9.3.6).
    pub(super) fn ends_with_answer(&self, status: StatusCode) -> bool {
        match self.content.load(Relaxed) {
            TUNNEL => !self.is_upgrade(status),
            BODY_WITH_LENGTH if self.received_whole.load(Relaxed) >= self.requests() => false,
            _ => self.is_content_unread(),
        }
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

fn content<B: Body>(request: &Request<B>) -> u8 {
    let body = request.body();
    if request.method() == Method::CONNECT {
        TUNNEL
    } else if body.is_end_stream() {
        NOTHING
    } else if body.size_hint().exact().is_some() {
        BODY_WITH_LENGTH
    } else {
        BODY_IN_CHUNKS
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
