//! What a connection is doing, and until when.
//!
//! hyper has only one timer for HTTP/1. It starts when hyper begins to wait for a request's head, and stops when the
//! head is complete. So an idle connection and a slow head would have the same time limit. Here they have two. hyper
//! gets [a timer](super::head_awaited) that never fires, and only reports *when* hyper begins to wait. The socket
//! reports the first byte after that, and the service reports the complete head. `drive` reads the deadline that
//! follows from this. A request costs one look at the clock and a few plain stores, but no timer and no allocation.

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

/// The state of one connection, which its socket, its service and `drive` share. All of them run in one task, except
/// the streams of HTTP/2, so relaxed ordering is enough for all atomics.
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
    streams: AtomicUsize,
    /// The body that the last request announced.
    content: AtomicU8,
    ends_with_connection: AtomicBool,
    upgraded: AtomicBool,
    requests: AtomicU64,
    /// The number of the last request, counted from 1, whose last byte has been received; HTTP/1 only.
    received_whole: AtomicU64,
    /// The number of the last request whose body the service has read to its end.
    read_whole: AtomicU64,
    /// Whether the socket's buffer is full, because the client doesn't read.
    write_blocked: AtomicBool,
    /// Locked only for requests that ask for an upgrade, and at the end of a connection.
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

    /// Notes that hyper waits for a request's head, which means that it has read all of the last request. For the first
    /// head, the time began when the connection was accepted.
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

    /// Notes that an HTTP/2 connection has no streams. Its phase is still "busy", since the next bytes need not be a
    /// request.
    pub(super) fn no_streams(&self) {
        self.phase.store(BUSY, Relaxed);
        self.set_deadline_in(self.keep_alive_idle);
    }

    /// Notes that bytes were received. If a request's head was waited for, they are its first.
    pub(super) fn bytes_received(&self) {
        if self.phase.load(Relaxed) == IDLE {
            self.phase.store(HEAD, Relaxed);
            self.set_deadline_in(self.request_head);
        }
    }

    /// Notes that a request's head announces its body in two ways. The request was not passed to the service yet.
    pub(super) fn head_is_ambiguous(&self, Ambiguous(request): Ambiguous) {
        self.ambiguous_request.store(request, Relaxed);
    }

    /// Notes that a request's head is complete.
    pub(super) fn request_received<B: Body>(&self, request: &Request<B>) {
        self.requests.fetch_add(1, Relaxed);
        self.phase.store(BUSY, Relaxed);
        self.deadline.store(NEVER, Relaxed);
        self.content.store(content(request), Relaxed);
        self.ends_with_connection.store(request.version() < Version::HTTP_11, Relaxed);
    }

    /// How many requests have been received.
    pub(super) fn requests(&self) -> u64 {
        self.requests.load(Relaxed)
    }

    /// Whether the last request announces its body in two ways.
    pub(super) fn is_request_ambiguous(&self) -> bool {
        self.requests.load(Relaxed).checked_sub(1) == Some(self.ambiguous_request.load(Relaxed))
    }

    /// Whether a response with this status upgrades the connection to another protocol, or to a tunnel.
    pub(super) fn is_upgrade(&self, status: StatusCode) -> bool {
        let is_connect = self.content.load(Relaxed) == TUNNEL;
        status == StatusCode::SWITCHING_PROTOCOLS || is_connect && status.is_success()
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

    /// Notes that so many requests were received to their last bytes. The service need not have read them.
    pub(super) fn received_whole(&self, requests: u64) {
        self.received_whole.store(requests, Relaxed);
    }

    /// Notes that the service has read all of a request's body.
    pub(super) fn body_read(&self, request: u64) {
        self.read_whole.fetch_max(request, Relaxed);
    }

    /// Whether the last request has a body that was not read to its end. The client may still be sending it.
    pub(super) fn is_content_unread(&self) -> bool {
        let is_read = self.read_whole.load(Relaxed) >= self.requests();
        self.content.load(Relaxed) != NOTHING && !is_read
    }

    /// Whether a response with this status must be the last one of an HTTP/1 connection. It must if the unread rest of
    /// this request could be taken for the next request. hyper can skip an unread body if it has a `Content-Length` and
    /// was received completely. After a CONNECT that was refused, the client may send anything (RFC 9110 section
    /// 9.3.6).
    pub(super) fn ends_with_answer(&self, status: StatusCode) -> bool {
        match self.content.load(Relaxed) {
            TUNNEL => !self.is_upgrade(status),
            BODY_WITH_LENGTH if self.received_whole.load(Relaxed) >= self.requests() => false,
            _ => self.is_content_unread(),
        }
    }

    /// Whether the end of the connection is the end of a response's body (RFC 9112 section 6.3, rule 8). hyper answers
    /// HTTP/1.0 in this way if the length isn't known.
    pub(super) fn is_answer_ended_by_connection(&self) -> bool {
        self.phase.load(Relaxed) == BUSY && self.ends_with_connection.load(Relaxed)
    }

    /// Notes that a response whose body failed waits until everything before is written.
    pub(super) fn await_flush(&self) {
        self.flush.store(AWAITED, Relaxed);
    }

    /// Notes that hyper has flushed the socket. Returns whether a response waited for that.
    pub(super) fn flushed(&self) -> bool {
        let is_awaited = self.flush.load(Relaxed) == AWAITED;
        if is_awaited {
            self.flush.store(FLUSHED, Relaxed);
        }
        is_awaited
    }

    /// Whether the socket was flushed since [`await_flush`](Self::await_flush).
    pub(super) fn is_flushed(&self) -> bool {
        self.flush.load(Relaxed) == FLUSHED
    }

    /// When the connection has been in its phase for too long. `None` while requests are in flight.
    pub(super) fn deadline(&self) -> Option<Instant> {
        match self.deadline.load(Relaxed) {
            NEVER => None,
            _ if self.streams.load(Relaxed) > 0 => None,
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

/// hyper's executor for HTTP/2. It counts the tasks of streams; a connection without any is idle.
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
