//! The client's side of a connection: a proxy towards its upstream.

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

/// One HTTP/1.1 connection as its client sees it.
///
/// It goes from request to request: [`send_head`](Self::send_head), the body if there is one, and, from the moment that the
/// head is out, [`read_head`](Self::read_head) until it gives a final response, then [`read_body`](Self::read_body) to its end.
/// Both directions may be under way at the same time. What is read is taken off the beginning of a buffer that the
/// caller fills from its socket; what is to be sent is appended to another that the caller writes and clears.
#[derive(Debug)]
pub struct Client {
    limits: Limits,
    at: At,
    writer: Writer,
    reader: Reader,
    search: Search,
    asked: Asked,
    has_asked_to_switch: bool,
    /// How many interim responses the request has had.
    interim: usize,
    /// Whether there can be another request after this one.
    persists: bool,
    closes: Closes,
    case: HeaderCase,
}

/// Where the response is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// No request waits for one.
    Idle,
    Head,
    Body,
    /// It is the last thing that was HTTP on this connection.
    Switched,
    Failed(Fault),
}

/// A response's head.
#[derive(Debug)]
pub enum Answer {
    /// 1xx but for 101 (RFC 9110 §15.2). More follow, until the final one.
    Interim(response::Parts),
    /// The response. What its body is, [`Client::body`] tells.
    Final(response::Parts),
    /// 101 to a request that asked for it, or 2xx to CONNECT (RFC 9110 §7.8, §9.3.6): what comes behind it, some of which may
    /// be in the buffer, is no longer HTTP.
    Switched(response::Parts),
}

impl Client {
    /// A new connection.
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

    /// The request that is under way is the connection's last one. If none is, the next one will be, and say so.
    pub fn close_after(&mut self) {
        if self.is_idle() {
            self.closes = Closes::AfterThis;
        } else {
            self.persists = false;
        }
    }

    /// Whether anything of a response has come to the request that is under way, interim responses among it.
    #[must_use]
    pub fn has_answer_begun(&self, buffer: &BytesMut) -> bool {
        self.at != At::Head || self.interim > 0 || !buffer.is_empty()
    }

    /// Whether the whole response has been read.
    #[must_use]
    pub fn is_received(&self) -> bool {
        self.at == At::Idle
    }

    /// Whether the connection can take another request: the one before is complete in both directions, neither side ends
    /// the connection after it, and not a byte came too much.
    #[must_use]
    pub fn is_reusable(&self, buffer: &BytesMut) -> bool {
        self.is_idle() && self.persists && self.closes == Closes::No && buffer.is_empty()
    }

    fn is_idle(&self) -> bool {
        self.at == At::Idle && self.writer.is_done()
    }
}
