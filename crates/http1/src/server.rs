//! The server's side of a connection: a proxy towards its client.

mod reading;
mod sending;
use bytes::BytesMut;
use http::Version;

use crate::body::{Reader, Writer};
use crate::framing::Asked;
use crate::head::Search;
use crate::write::Persistence;
use crate::{Fault, HeaderCase, Limits};

/// One HTTP/1 connection as its server sees it.
///
/// It goes from request to request: [`read_head`](Self::read_head), [`read_body`](Self::read_body) to its end, and, from the
/// moment that the head is there, [`send_head`](Self::send_head) and the body if there is one. Both directions may be
/// under way at the same time. [`phase`](Self::phase) tells what comes next. What is read is taken off the beginning of a
/// buffer that the caller fills from its socket; what is to be sent is appended to another that the caller writes and
/// clears. A request that came before its turn stays in the buffer.
#[derive(Debug)]
pub struct Server {
    limits: Limits,
    at: At,
    reader: Reader,
    writer: Writer,
    search: Search,
    request: Asking,
    /// The client has sent its last byte.
    has_ended: bool,
    persistence: Persistence,
    case: HeaderCase,
}

/// What has become of the request that was read last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// All that there is to it: the next one may come.
    Idle,
    /// It has no final response yet.
    Unanswered,
    Answered,
    Switched,
    Ended,
}

/// What a response needs to know of its request.
#[derive(Clone, Copy, Debug)]
struct Asking {
    version: Version,
    asked: Asked,
    wants_switch: bool,
    /// It waits for a 100 before it sends its body.
    awaits_continue: bool,
    fault: Option<Fault>,
}

impl Asking {
    /// One that couldn't be read.
    const UNREAD: Self = Self {
        version: Version::HTTP_11,
        asked: Asked::Other,
        wants_switch: false,
        awaits_continue: false,
        fault: None,
    };
}

/// What a connection is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// It waits for a request: [`Server::read_head`].
    Idle,
    /// A request is under way: its response is not all sent.
    Exchange,
    /// The response is sent, but the request's body is not all read. It may be read and dropped; then the connection goes
    /// on. Or the connection may be closed.
    Unread,
    /// There will be no other request. Where the client is still sending, its bytes have to be read and dropped for a
    /// while, or the response may be lost (RFC 9112 §9.6).
    Ended,
    /// It speaks another protocol. Bytes of that may be in the buffer.
    Switched,
}

impl Server {
    /// A new connection.
    #[must_use]
    pub const fn new(limits: Limits) -> Self {
        Self {
            limits: limits.kept(),
            at: At::Idle,
            reader: Reader::Done,
            writer: Writer::Done,
            search: Search::new(),
            request: Asking::UNREAD,
            has_ended: false,
            persistence: Persistence::Persists,
            case: HeaderCase::Lower,
        }
    }

    /// What the connection is doing.
    #[must_use]
    pub fn phase(&self) -> Phase {
        match self.at {
            At::Idle => Phase::Idle,
            At::Unanswered => Phase::Exchange,
            At::Answered if !self.writer.is_done() => Phase::Exchange,
            At::Answered => Phase::Unread,
            At::Switched => Phase::Switched,
            At::Ended => Phase::Ended,
        }
    }

    /// How many more bytes `buffer` may take. While a request waits for its response, it may take some of those behind it:
    /// reading on tells when the client leaves.
    #[must_use]
    pub fn room(&self, buffer: &BytesMut) -> usize {
        match self.at {
            _ if self.has_ended || self.request.fault.is_some() => 0,
            At::Idle => self.limits.section.saturating_sub(buffer.len()),
            At::Unanswered | At::Answered if !self.reader.is_done() => usize::MAX,
            At::Unanswered | At::Answered => self.limits.pipelined.saturating_sub(buffer.len()),
            At::Switched | At::Ended => 0,
        }
    }

    /// The connection ends after the request that is under way, or before the next one. The response says so, if its head
    /// isn't written yet.
    pub fn close_after(&mut self) {
        self.persistence = Persistence::Closes;
        if self.at == At::Idle {
            self.at = At::Ended;
        }
        self.settle();
    }

    /// Goes on to the next request, or to the end, once this one is through.
    fn settle(&mut self) {
        if self.at != At::Answered || !self.writer.is_done() {
            return;
        }
        if self.persistence == Persistence::Closes {
            self.at = At::Ended;
        } else if self.reader.is_done() {
            self.at = At::Idle;
            self.search = Search::new();
        }
    }
}
