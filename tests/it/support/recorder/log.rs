//! What a recording upstream has seen, and how to wait until it has seen more.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use tokio::sync::watch;

use crate::support::PATIENCE;
use crate::support::body::Body;
use crate::support::fields::Fields;
use crate::support::syntax::{Version, Violation};

#[derive(Clone, Debug)]
pub struct RecordedRequest {
    /// The number of the connection it came on.
    pub connection: usize,
    /// Exactly as received, the empty line included.
    pub head: Bytes,
    pub method: String,
    pub target: String,
    pub version: Version,
    pub headers: Fields,
    /// As much of it as has been read; [`Body::end`] is open until it has ended one way or another.
    pub body: Body,
}

#[derive(Clone, Debug)]
pub struct RecordedConnection {
    /// From 0, in the order accepted, counted on over restarts.
    pub number: usize,
    pub peer: SocketAddr,
    /// How many well-formed request heads came on it.
    pub requests: usize,
    /// What was received after an upgrade.
    pub tunnelled: Vec<u8>,
    /// The first violation ends the connection.
    pub violation: Option<(Violation, Bytes)>,
    /// `None` while it is open.
    pub end: Option<End>,
}

/// Which side ended a connection, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// An orderly close; whether it fell into a request is in [`RecordedRequest::body`]'s end.
    PeerClosed,
    PeerReset,
    /// The script, or `Connection: close`, or a violation.
    WeClosed,
    WeReset,
    /// By `kill`, or with the upstream itself.
    Killed,
}

#[derive(Debug, Default)]
pub struct Seen {
    pub requests: Vec<RecordedRequest>,
    pub connections: Vec<RecordedConnection>,
    /// Numbers of connections, in the order of their ends.
    pub ended: Vec<usize>,
    /// How many of `ended` were already reported by `next_closed`.
    pub reported: usize,
}

#[derive(Clone, Debug)]
pub(super) struct Log {
    seen: Arc<Mutex<Seen>>,
    changed: watch::Sender<()>,
}

impl Log {
    pub(super) fn new() -> Self {
        Self { seen: Arc::default(), changed: watch::Sender::new(()) }
    }

    pub(super) fn read<T>(&self, read: impl FnOnce(&Seen) -> T) -> T {
        read(&self.seen.lock().unwrap())
    }

    /// Waits until `ready` finds what it looks for.
    ///
    /// # Panics
    /// If it doesn't in time. The message has everything seen until then.
    pub(super) async fn wait<T>(&self, what: &str, mut ready: impl FnMut(&mut Seen) -> Option<T>) -> T {
        let mut changes = self.changed.subscribe();
        let waiting = async {
            loop {
                let found = ready(&mut self.seen.lock().unwrap());
                match found {
                    Some(found) => return found,
                    None => changes.changed().await.unwrap(),
                }
            }
        };
        match tokio::time::timeout(PATIENCE, waiting).await {
            Ok(found) => found,
            Err(_) => panic!("waited {PATIENCE:?} for {what}; seen: {:#?}", self.seen.lock().unwrap()),
        }
    }

    pub(super) fn open(&self, peer: SocketAddr) -> Record {
        let number = self.write(|seen| {
            let number = seen.connections.len();
            let connection = RecordedConnection {
                number,
                peer,
                requests: 0,
                tunnelled: Vec::new(),
                violation: None,
                end: None,
            };
            seen.connections.push(connection);
            number
        });
        Record { log: self.clone(), number, request: None, end: End::Killed }
    }

    fn write<T>(&self, write: impl FnOnce(&mut Seen) -> T) -> T {
        let written = write(&mut self.seen.lock().unwrap());
        self.changed.send_replace(());
        written
    }
}

/// The record of one connection. Dropping it, after the socket, records the end.
#[derive(Debug)]
pub(super) struct Record {
    log: Log,
    number: usize,
    request: Option<usize>,
    pub(super) end: End,
}

impl Record {
    pub(super) fn number(&self) -> usize {
        self.number
    }

    pub(super) fn begin(&mut self, request: &RecordedRequest) {
        let (number, request) = (self.number, request.clone());
        self.request = Some(self.log.write(|seen| {
            seen.connections[number].requests += 1;
            seen.requests.push(request);
            seen.requests.len() - 1
        }));
    }

    pub(super) fn body_piece(&self, piece: &[u8]) {
        self.on_request(|request| request.body.bytes.extend_from_slice(piece));
    }

    pub(super) fn body_ended(&self, body: &Body) {
        self.on_request(|request| request.body = body.clone());
    }

    pub(super) fn tunnelled(&self, bytes: &[u8]) {
        self.log.write(|seen| seen.connections[self.number].tunnelled.extend_from_slice(bytes));
    }

    pub(super) fn violation(&self, violation: Violation, bytes: &[u8]) {
        let bytes = Bytes::copy_from_slice(bytes);
        self.log
            .write(|seen| seen.connections[self.number].violation.get_or_insert((violation, bytes)).clone());
    }

    fn on_request(&self, write: impl FnOnce(&mut RecordedRequest)) {
        if let Some(index) = self.request {
            self.log.write(|seen| write(&mut seen.requests[index]));
        }
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        self.log.write(|seen| {
            seen.connections[self.number].end = Some(self.end);
            seen.ended.push(self.number);
        });
    }
}
