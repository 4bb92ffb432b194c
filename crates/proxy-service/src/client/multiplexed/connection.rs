//! One connection, as requests use it.

use std::sync::Arc;

use bytes::Bytes;
use h2::SendStream;
use h2::client::{ResponseFuture, SendRequest};
use http::Request;
use tokio::sync::mpsc::Sender;
use tokio::time::Instant;

use super::super::answers::AnswerLimits;
use super::super::options::Options;
use super::load::{Load, Occupied};

/// A connection that takes requests. Once this is dropped, the requests on the connection go on to their end, and then
/// the connection is closed.
pub(in crate::client) struct Connection {
    requests: SendRequest<Bytes>,
    load: Arc<Load>,
    retires: Option<Instant>,
    max_uses: u64,
    limits: AnswerLimits,
    /// When it is dropped, the task that drives the connection learns that no more requests will come.
    _line: Sender<()>,
}

impl Connection {
    pub(super) fn new(
        requests: SendRequest<Bytes>,
        load: &Arc<Load>,
        line: Sender<()>,
        client: &Options,
    ) -> Self {
        let Options { keeping, answers: limits, .. } = client;
        let max_uses = keeping.max_uses.map_or(u64::MAX, |uses| uses.get().into());
        let (load, retires) = (Arc::clone(load), keeping.retirement());
        Self { requests, load, retires, max_uses, limits: *limits, _line: line }
    }

    pub(super) fn load(&self) -> &Arc<Load> {
        &self.load
    }

    /// Takes a place for one request. None if the connection is full or takes no more requests.
    pub(in crate::client) fn enter(&self) -> Option<Place> {
        let occupied = if self.load.is_good() { self.load.occupy()? } else { return None };
        let uses_before = self.load.note_use();
        if uses_before + 1 >= self.max_uses {
            self.load.retire();
        }
        let place = Place {
            requests: self.requests.clone(),
            occupied,
            limits: self.limits,
            is_reused: uses_before > 0,
        };
        (uses_before < self.max_uses).then_some(place)
    }

    /// Counts one more round of the reaper. Says whether the connection stays: it isn't retired or too old, and it has
    /// a request now or has had one within the last `rounds` rounds.
    pub(super) fn outlasts(&self, rounds: u32) -> bool {
        let is_young = self.retires.is_none_or(|at| at > Instant::now());
        let is_in_use = self.load.in_flight() > 0;
        let is_awaited = is_in_use || self.load.note_round() < rounds;
        is_young && is_awaited && !self.load.is_retired()
    }
}

/// A place on a connection, for one request.
pub(in crate::client) struct Place {
    requests: SendRequest<Bytes>,
    occupied: Occupied,
    limits: AnswerLimits,
    is_reused: bool,
}

/// A stream that was opened for a request.
pub(super) struct Stream {
    pub(super) answer: ResponseFuture,
    pub(super) upload: SendStream<Bytes>,
}

impl Place {
    /// Whether the connection had a request before this one.
    pub(in crate::client) fn is_reused(&self) -> bool {
        self.is_reused
    }

    /// The limits for the head of the answer.
    pub(super) fn limits(&self) -> AnswerLimits {
        self.limits
    }

    /// Opens a stream with the request's head. `is_all` says that there is no body.
    pub(super) fn open(self, head: Request<()>, is_all: bool) -> (Result<Stream, h2::Error>, Occupied) {
        let Self { mut requests, mut occupied, .. } = self;
        let opened = requests.send_request(head, is_all);
        occupied.note_sent();
        (opened.map(|(answer, upload)| Stream { answer, upload }), occupied)
    }
}
