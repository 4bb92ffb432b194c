//! The server's side of a connection, as a proxy uses it towards its client.

mod reading;
mod sending;
use bytes::BytesMut;
use http::Version;

use crate::body::{Reader, Writer};
use crate::framing::Asked;
use crate::head::Search;
use crate::write::Persistence;
use crate::{Fault, HeaderCase, Limits};

/// The server's side of one HTTP/1 connection: it reads requests and writes their responses.
///
/// For each request, call [`read_head`](Self::read_head), and then [`read_body`](Self::read_body) until the body's end.
/// Once the head is read, call [`send_head`](Self::send_head), and send the body if there is one. Both directions may
/// be under way at the same time. [`phase`](Self::phase) tells what comes next. What is read is removed from the
/// beginning of a buffer that the caller fills from its socket. What is to be sent is appended to another buffer, which
/// the caller writes to the socket and clears. A request that comes before the one ahead of it is done stays in the
/// buffer.
#[derive(Debug)]
pub struct Server {
    limits: Limits,
    at: At,
    reader: Reader,
    writer: Writer,
    search: Search,
    request: Asking,
    /// The client has closed its side.
    has_ended: bool,
    persistence: Persistence,
    case: HeaderCase,
}

/// How far the last request that was read has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// It is done, or there was none yet: the next request may be read.
    Idle,
    /// It has no final response yet.
    Unanswered,
    Answered,
    Switched,
    Ended,
}

/// What has to be known of a request to write its response.
#[derive(Clone, Copy, Debug)]
struct Asking {
    version: Version,
    asked: Asked,
    wants_switch: bool,
    /// The client reads trailers.
    takes_trailers: bool,
    /// The client waits for a 100 before it sends the body.
    awaits_continue: bool,
    fault: Option<Fault>,
}

impl Asking {
    /// A request that couldn't be read.
    const UNREAD: Self = Self {
        version: Version::HTTP_11,
        asked: Asked::Other,
        wants_switch: false,
        takes_trailers: false,
        awaits_continue: false,
        fault: None,
    };
}

/// What a connection is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// It waits for a request, which [`Server::read_head`] reads.
    Idle,
    /// A request is under way: its response is not sent to its end.
    Exchange,
    /// The response is sent, but the request's body is not read to its end. The caller either reads and drops the rest,
    /// after which the connection goes on, or closes the connection.
    Unread,
    /// No other request will be read. If the client is still sending, the caller has to read and drop its bytes for a
    /// while before it closes the connection: otherwise the response may be lost (RFC 9112 §9.6).
    Ended,
    /// It has switched to another protocol. What is left of the request's body is read first, with
    /// [`Server::read_body`] as before. Behind it, bytes of the other protocol may be in the buffer.
    Switched,
}

impl Server {
    /// The state of a new connection.
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

    /// Whether the response to the request that is under way may switch to another protocol: a 101 if the request asked
    /// for one (RFC 9110 §7.8), or a 2xx to CONNECT (§9.3.6).
    #[must_use]
    pub fn may_switch(&self) -> bool {
        self.at == At::Unanswered
            && self.request.fault.is_none()
            && (self.request.wants_switch || self.request.asked == Asked::Connect)
    }

    /// Whether something that was received couldn't be read. The connection ends after the response.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.request.fault.is_some()
    }

    /// Whether a response is under way whose end is the connection's (RFC 9112 §6.3). If it is cut off, the caller has to
    /// reset the connection, so that the client doesn't take it for complete.
    #[must_use]
    pub fn is_ended_by_connection(&self) -> bool {
        matches!(self.writer, Writer::UntilClose)
    }

    /// How many more bytes the caller may read into `buffer`. While a request waits for its response, the caller may
    /// read some of the bytes that follow it, up to the limit `pipelined`: only by reading does it learn that the
    /// client has closed the connection.
    #[must_use]
    pub fn room(&self, buffer: &BytesMut) -> usize {
        match self.at {
            _ if self.has_ended || self.request.fault.is_some() => 0,
            At::Idle => self.limits.section.saturating_sub(buffer.len()),
            At::Ended => 0,
            _ if !self.reader.is_done() => usize::MAX,
            At::Unanswered | At::Answered => self.limits.pipelined.saturating_sub(buffer.len()),
            At::Switched => 0,
        }
    }

    /// Makes the connection end after the request that is under way, or at once if there is none. If the response's
    /// head isn't written yet, it says so (`Connection: close`).
    pub fn close_after(&mut self) {
        self.persistence = Persistence::Closes;
        if self.at == At::Idle {
            self.at = At::Ended;
        }
        self.settle();
    }

    /// Goes on to the next request, or to the connection's end, if this request is done.
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
