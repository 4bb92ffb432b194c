//! The server's side of a connection: a proxy towards its client.

#[cfg(test)]
mod tests;

use bytes::BytesMut;
use http::{HeaderMap, StatusCode, Version, request};

use crate::body::{Piece, Reader, Writer};
use crate::framing::{self, Asked};
use crate::head::{Noted, Search, read_request};
use crate::write::{Persistence, Responding, write_interim, write_response};
use crate::{BodyLength, BodySize, Fault, HeaderCase, Limits, ResponseHead, Unsendable};

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
    title: HeaderCase,
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
            limits,
            at: At::Idle,
            reader: Reader::Done,
            writer: Writer::Done,
            search: Search::new(),
            request: Asking::UNREAD,
            has_ended: false,
            persistence: Persistence::Persists,
            title: HeaderCase::Lower,
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

    /// The next request's head at the beginning of `buffer`; none if more bytes are needed, or it isn't its turn.
    ///
    /// # Errors
    /// The [`Fault`] of a request that can't be read. It may be answered, with [`Fault::status`] or another, and that is the
    /// connection's last response.
    pub fn read_head(&mut self, buffer: &mut BytesMut) -> Result<Option<request::Parts>, Fault> {
        if self.at != At::Idle || buffer.is_empty() && !self.has_ended {
            return Ok(None);
        }
        if !self.has_ended && !self.search.is_due(buffer, self.limits.section) {
            return Ok(None);
        }
        self.request = Asking::UNREAD;
        match read_request(buffer, &self.limits) {
            Ok(Some((parts, noted))) => self.head_read(parts, &noted).map(Some),
            Ok(None) if self.has_ended && buffer.is_empty() => {
                self.at = At::Ended;
                Ok(None)
            }
            Ok(None) if self.has_ended => self.fail(Fault::CutHead),
            Ok(None) => {
                self.search.parsed(buffer.len());
                Ok(None)
            }
            Err(fault) => self.fail(fault),
        }
    }

    fn head_read(&mut self, parts: request::Parts, noted: &Noted) -> Result<request::Parts, Fault> {
        self.search = Search::new();
        let is_http11 = parts.version == Version::HTTP_11;
        self.request = Asking {
            version: parts.version,
            asked: Asked::with(&parts.method),
            wants_switch: is_http11 && noted.upgrades && noted.has_upgrade,
            awaits_continue: false,
            fault: None,
        };
        let length = match framing::of_request(noted, parts.version) {
            Ok(length) => length,
            Err(fault) => return self.fail(fault),
        };
        // A client that waits for a 100 sends HTTP/1.1, and a body (RFC 9110 §10.1.1).
        self.request.awaits_continue = is_http11 && noted.expects && length != BodyLength::Empty;
        let persists =
            !noted.closes && (is_http11 || noted.keeps_alive) && self.request.asked != Asked::Connect;
        if !persists {
            self.persistence = Persistence::Closes;
        }
        self.reader = Reader::new(length);
        self.at = At::Unanswered;
        Ok(parts)
    }

    /// Whether the client waits for a 100 before it sends its body, and none of it has come.
    #[must_use]
    pub fn awaits_continue(&self, buffer: &BytesMut) -> bool {
        self.at == At::Unanswered && self.request.awaits_continue && buffer.is_empty()
    }

    /// What is left of the request's body.
    #[must_use]
    pub fn body(&self) -> BodyLength {
        self.reader.left()
    }

    /// The next piece of the request's body at the beginning of `buffer`; none if more bytes are needed.
    ///
    /// # Errors
    /// The [`Fault`] of a body that can't be read, from then on always. If its request has no response yet, it may have one.
    pub fn read_body(&mut self, buffer: &mut BytesMut) -> Result<Option<Piece>, Fault> {
        match self.reader.read(buffer, &self.limits) {
            Ok(Some(piece)) => {
                self.request.awaits_continue = false;
                self.settle();
                Ok(Some(piece))
            }
            Ok(None) if self.has_ended => self.fail(Fault::CutBody),
            Ok(None) => Ok(None),
            Err(fault) => self.fail(fault),
        }
    }

    /// Whether all of the request's body has been read.
    #[must_use]
    pub fn is_received(&self) -> bool {
        self.reader.is_done()
    }

    /// The client has sent its last byte, which is no reason not to answer what it has asked. Whole requests in the buffer
    /// are still read.
    ///
    /// # Errors
    /// [`Fault::CutBody`] if that was in the middle of a body, or what is wrong with the part that is there.
    /// [`read_head`](Self::read_head) tells of a head that is cut.
    pub fn read_eof(&mut self, buffer: &mut BytesMut) -> Result<(), Fault> {
        self.has_ended = true;
        if self.at == At::Idle && buffer.is_empty() {
            self.at = At::Ended;
        }
        match self.reader.end(buffer, &self.limits) {
            Ok(()) => Ok(()),
            Err(fault) => self.fail(fault),
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

    /// Writes an interim response. A client of HTTP/1.0 is sent none (RFC 9110 §15.2).
    ///
    /// # Errors
    /// [`Unsendable::HeadOutOfTurn`] if no request waits for its response, [`Unsendable::InvalidStatus`].
    pub fn send_interim(
        &mut self,
        status: StatusCode,
        headers: &HeaderMap,
        case: HeaderCase,
        out: &mut Vec<u8>,
    ) -> Result<(), Unsendable> {
        if self.at != At::Unanswered {
            return Err(Unsendable::HeadOutOfTurn);
        }
        if self.request.version == Version::HTTP_10 {
            return Ok(());
        }
        write_interim(status, headers, case, out)?;
        if status == StatusCode::CONTINUE {
            self.request.awaits_continue = false;
        }
        Ok(())
    }

    /// Writes a response's head. Its body follows, as `body` says, unless the request or the status lets it have none.
    ///
    /// `date` is written if the response has none (RFC 9110 §6.6.1).
    ///
    /// # Errors
    /// [`Unsendable::HeadOutOfTurn`] if no request waits for its response, [`Unsendable::InvalidStatus`] for 1xx, but for a
    /// 101 that was asked for. Nothing is written then.
    pub fn send_head(
        &mut self,
        head: ResponseHead<'_>,
        body: BodySize,
        date: Option<&[u8; 29]>,
        case: HeaderCase,
        out: &mut Vec<u8>,
    ) -> Result<(), Unsendable> {
        if self.at != At::Unanswered {
            return Err(Unsendable::HeadOutOfTurn);
        }
        let is_switch = head.status == StatusCode::SWITCHING_PROTOCOLS;
        if head.status.is_informational() && !(is_switch && self.request.wants_switch) {
            return Err(Unsendable::InvalidStatus);
        }
        let is_tunnel = is_switch || self.request.asked == Asked::Connect && head.status.is_success();
        // The body of a client that still waits for a 100 may come, or not.
        if is_tunnel {
            self.persistence = Persistence::Persists;
        } else if self.request.awaits_continue || self.request.fault.is_some() {
            self.persistence = Persistence::Closes;
        }
        let to = Responding {
            version: self.request.version,
            asked: self.request.asked,
            persistence: self.persistence,
        };
        let written = write_response(head, body, to, date, case, out);
        self.persistence = written.persistence;
        self.writer = Writer::new(written.body);
        self.title = case;
        self.at = if is_tunnel { At::Switched } else { At::Answered };
        self.settle();
        Ok(())
    }

    /// Frames a piece of the response's body of `length` bytes: writes what goes before it, and gives what goes behind it.
    ///
    /// # Errors
    /// [`Unsendable::BodyTooLong`].
    pub fn send_data(&mut self, length: usize, out: &mut Vec<u8>) -> Result<&'static [u8], Unsendable> {
        let end = self.writer.data(length, out)?;
        self.settle();
        Ok(end)
    }

    /// The same for the last piece, which the end of the body then goes out with.
    ///
    /// # Errors
    /// [`Unsendable::BodyTooLong`], [`Unsendable::BodyTooShort`].
    pub fn send_last_data(&mut self, length: usize, out: &mut Vec<u8>) -> Result<&'static [u8], Unsendable> {
        let end = self.writer.last_data(length, out)?;
        self.settle();
        Ok(end)
    }

    /// Ends the response's body.
    ///
    /// # Errors
    /// [`Unsendable::BodyTooShort`]: the connection has to be cut, so that the client sees that something is missing.
    pub fn send_end(&mut self, out: &mut Vec<u8>) -> Result<(), Unsendable> {
        self.writer.end(out)?;
        self.settle();
        Ok(())
    }

    /// Ends the response's body with trailers. Only a chunked one has them: elsewhere they are dropped.
    ///
    /// # Errors
    /// [`Unsendable::BodyTooShort`].
    pub fn send_trailers(&mut self, trailers: &HeaderMap, out: &mut Vec<u8>) -> Result<(), Unsendable> {
        self.writer.end_with(trailers, self.title, out)?;
        self.settle();
        Ok(())
    }

    /// Whether the whole response has been framed.
    #[must_use]
    pub fn is_sent(&self) -> bool {
        !matches!(self.at, At::Unanswered) && self.writer.is_done()
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

    fn fail<T>(&mut self, fault: Fault) -> Result<T, Fault> {
        self.request.fault = Some(fault);
        self.persistence = Persistence::Closes;
        match self.at {
            At::Idle => self.at = At::Unanswered,
            _ => self.settle(),
        }
        Err(fault)
    }
}
