//! The client's side of a connection, as a proxy uses it towards its upstream.

mod reading;
mod sending;
#[cfg(test)]
mod tests;

use bytes::BytesMut;
use http::response;

use crate::body::{Reader, Writer};
use crate::framing::Asked;
use crate::head::Search;
use crate::write::Closes;
use crate::{Fault, HeaderCase, Limits};

/// The client's side of one HTTP/1.1 connection: it writes requests and reads their responses.
///
/// For each request, call [`send_head`](Self::send_head), and send the body if there is one. Once the head is written,
/// call [`read_head`](Self::read_head) until it gives a final response, and then [`read_body`](Self::read_body) until
/// the body's end. Both directions may be under way at the same time. What is read is removed from the beginning of a
/// buffer that the caller fills from its socket. What is to be sent is appended to another buffer, which the caller
/// writes to the socket and clears.
#[derive(Debug)]
pub struct Client {
    limits: Limits,
    at: At,
    writer: Writer,
    reader: Reader,
    search: Search,
    asked: Asked,
    has_asked_to_switch: bool,
    /// How many interim responses have come to the request.
    interim: usize,
    /// Whether there can be another request after this one.
    persists: bool,
    closes: Closes,
    case: HeaderCase,
}

/// What has been read of the response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// No response is awaited.
    Idle,
    Head,
    Body,
    /// The connection has left HTTP with this response.
    Switched,
    Failed(Fault),
}

/// A response's head, and what comes after it.
#[derive(Debug)]
pub enum Answer {
    /// An interim response: 1xx other than 101 (RFC 9110 §15.2). More heads follow, until the final one.
    Interim(response::Parts),
    /// The final response. [`Client::body`] tells how its body ends.
    Final(response::Parts),
    /// A switch to another protocol: 101 to a request that asked for it, or 2xx to CONNECT (RFC 9110 §7.8, §9.3.6).
    /// What comes after it is no longer HTTP. Some of that may be in the buffer already.
    Switched(response::Parts),
}

impl Client {
    /// The state of a new connection.
    #[must_use]
    pub const fn new(limits: Limits) -> Self {
        Self {
            limits: limits.kept(),
            at: At::Idle,
            writer: Writer::Done,
            reader: Reader::Done,
            search: Search::new(),
            asked: Asked::Other,
            has_asked_to_switch: false,
            interim: 0,
            persists: true,
            closes: Closes::No,
            case: HeaderCase::Lower,
        }
    }

    /// Makes the request that is under way the connection's last one. If none is under way, the next one will be the
    /// last, and is sent with `Connection: close`.
    pub fn close_after(&mut self) {
        if self.is_idle() {
            self.closes = Closes::AfterThis;
        } else {
            self.persists = false;
        }
    }

    /// Whether any part of a response has come to the request that is under way, including interim responses.
    #[must_use]
    pub fn has_answer_begun(&self, buffer: &BytesMut) -> bool {
        self.at != At::Head || self.interim > 0 || !buffer.is_empty()
    }

    /// Whether the whole response has been read.
    #[must_use]
    pub fn is_received(&self) -> bool {
        self.at == At::Idle
    }

    /// Whether the connection can take another request: the last one is complete in both directions, neither side ends
    /// the connection after it, and `buffer` holds no byte beyond its response.
    #[must_use]
    pub fn is_reusable(&self, buffer: &BytesMut) -> bool {
        self.is_idle() && self.persists && self.closes == Closes::No && buffer.is_empty()
    }

    fn is_idle(&self) -> bool {
        self.at == At::Idle && self.writer.is_done()
    }
}
