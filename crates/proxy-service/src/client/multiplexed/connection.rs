//! One connection, as requests see it.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

use http::Response;
use hyper::body::Incoming;
use hyper::client::conn::{TrySendError, http2};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::super::Payload;
use super::super::connection::Sent;
use super::super::pool::Keeping;
use crate::request_body::RequestBody;

/// So many requests in a row given up without an answer, and nobody is believed to be there any more.
const STRIKES: u32 = 3;

/// A connection that takes requests. When nobody has it any more, what is on it comes to its end, and then it closes.
pub(in crate::client) struct Connection<B: Payload> {
    requests: http2::SendRequest<RequestBody<B>>,
    load: Arc<Load>,
    retires: Option<Instant>,
    max_uses: u64,
}

/// How much is on a connection, and what it has behind it.
pub(super) struct Load {
    in_flight: AtomicU32,
    limit: AtomicU32,
    uses: AtomicU64,
    is_retired: AtomicBool,
    unanswered: AtomicU32,
    rounds_idle: AtomicU32,
    /// Told when there is room again: here, or for another connection.
    room: Arc<Notify>,
}

impl Load {
    pub(super) fn new(room: &Arc<Notify>) -> Arc<Self> {
        Arc::new(Self {
            in_flight: AtomicU32::new(0),
            limit: AtomicU32::new(0),
            uses: AtomicU64::new(0),
            is_retired: AtomicBool::new(false),
            unanswered: AtomicU32::new(0),
            rounds_idle: AtomicU32::new(0),
            room: Arc::clone(room),
        })
    }

    pub(super) fn set_limit(&self, limit: u32) {
        if self.limit.swap(limit, Ordering::Relaxed) < limit {
            self.room.notify_waiters();
        }
    }

    /// It takes no more requests.
    pub(super) fn retire(&self) {
        self.is_retired.store(true, Ordering::Release);
    }

    fn is_retired(&self) -> bool {
        self.is_retired.load(Ordering::Acquire)
    }

    fn occupy(self: &Arc<Self>) -> Option<Occupied> {
        let limit = self.limit.load(Ordering::Relaxed);
        let one_more = |in_flight| (in_flight < limit).then_some(in_flight + 1);
        self.in_flight.fetch_update(Ordering::AcqRel, Ordering::Relaxed, one_more).ok()?;
        Some(Occupied { load: Arc::clone(self), is_answered: false })
    }
}

impl<B: Payload> Connection<B> {
    pub(super) fn new(
        requests: http2::SendRequest<RequestBody<B>>,
        load: Arc<Load>,
        keeping: &Keeping,
    ) -> Self {
        let max_uses = keeping.max_uses.map_or(u64::MAX, |uses| uses.get().into());
        Self { requests, load, retires: keeping.retirement(), max_uses }
    }

    pub(super) fn load(&self) -> &Arc<Load> {
        &self.load
    }

    pub(super) fn in_flight(&self) -> u32 {
        self.load.in_flight.load(Ordering::Relaxed)
    }

    pub(super) fn is_retired(&self) -> bool {
        self.load.is_retired() || self.requests.is_closed()
    }

    pub(super) fn has_room(&self) -> bool {
        !self.is_retired() && self.in_flight() < self.load.limit.load(Ordering::Relaxed)
    }

    /// A place for one request, unless there is none any more.
    pub(in crate::client) fn enter(&self) -> Option<Place<B>> {
        let occupied = self.load.occupy()?;
        let uses_before = self.load.uses.fetch_add(1, Ordering::Relaxed);
        if uses_before + 1 >= self.max_uses {
            self.load.retire();
        }
        self.load.rounds_idle.store(0, Ordering::Relaxed);
        let place = Place { requests: self.requests.clone(), occupied, is_reused: uses_before > 0 };
        (uses_before < self.max_uses).then_some(place)
    }

    /// Another round of the reaper: whether it is good for more after so many without a request.
    pub(super) fn outlasts(&self, rounds: u32) -> bool {
        let is_young = self.retires.is_none_or(|at| at > Instant::now());
        let is_in_use = self.in_flight() > 0;
        let is_awaited = is_in_use || self.load.rounds_idle.fetch_add(1, Ordering::Relaxed) + 1 < rounds;
        is_young && is_awaited && !self.is_retired()
    }
}

/// A place on a connection, for one request.
pub(in crate::client) struct Place<B: Payload> {
    requests: http2::SendRequest<RequestBody<B>>,
    occupied: Occupied,
    is_reused: bool,
}

impl<B: Payload> Place<B> {
    /// Whether the connection had a request before.
    pub(in crate::client) fn is_reused(&self) -> bool {
        self.is_reused
    }

    /// Sends it.
    ///
    /// What this leaves behind can't send: hyper gives a request back that it took while it closed the connection only when
    /// nobody can send on that any more.
    pub(super) fn send(self, request: Sent<B>) -> (impl Future<Output = Answered<B>> + use<B>, Occupied) {
        let Self { mut requests, occupied, .. } = self;
        (requests.try_send_request(request), occupied)
    }
}

type Answered<B> = Result<Response<Incoming>, TrySendError<Sent<B>>>;

/// What a request takes up of a connection, until its answer is over or given up.
pub(in crate::client) struct Occupied {
    load: Arc<Load>,
    is_answered: bool,
}

impl Occupied {
    /// The upstream has said something about this request.
    pub(super) fn note_answer(&mut self) {
        self.is_answered = true;
        self.load.unanswered.store(0, Ordering::Relaxed);
    }

    /// The connection is no good for others either.
    pub(super) fn retire_connection(&self) {
        self.load.retire();
    }
}

impl Drop for Occupied {
    fn drop(&mut self) {
        if !self.is_answered && self.load.unanswered.fetch_add(1, Ordering::Relaxed) + 1 == STRIKES {
            self.load.retire();
        }
        self.load.in_flight.fetch_sub(1, Ordering::AcqRel);
        self.load.room.notify_one();
    }
}
