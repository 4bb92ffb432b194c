//! The client's side of a connection: a proxy towards its upstream.

#[cfg(test)]
mod tests;

use bytes::BytesMut;
use http::{HeaderMap, StatusCode, Version, response};

use crate::body::{Piece, Reader, Writer};
use crate::framing::{self, Asked};
use crate::head::{Noted, Search, read_response};
use crate::write::{Closes, WrittenRequest, write_request};
use crate::{BodyLength, BodySize, Fault, HeaderCase, Limits, RequestHead, Unsendable};

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
    title: HeaderCase,
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
            limits,
            at: At::Idle,
            writer: Writer::Done,
            reader: Reader::Done,
            search: Search::new(),
            asked: Asked::Other,
            has_asked_to_switch: false,
            interim: 0,
            persists: true,
            closes: Closes::No,
            title: HeaderCase::Lower,
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

    /// Writes a request's head. Its body follows, as `body` says.
    ///
    /// # Errors
    /// [`Unsendable::HeadOutOfTurn`] if the connection can't take a request now, [`Unsendable::InvalidTarget`]. Nothing is
    /// written then.
    pub fn send_head(
        &mut self,
        head: RequestHead<'_>,
        body: BodySize,
        case: HeaderCase,
        out: &mut Vec<u8>,
    ) -> Result<(), Unsendable> {
        if !self.is_idle() || !self.persists {
            return Err(Unsendable::HeadOutOfTurn);
        }
        let WrittenRequest { body, noted } = write_request(head, body, case, self.closes, out)?;
        self.at = At::Head;
        self.writer = Writer::new(body);
        self.search = Search::new();
        self.asked = Asked::with(head.method);
        self.has_asked_to_switch = noted.upgrades && noted.has_upgrade;
        self.interim = 0;
        self.persists = !noted.closes;
        self.closes = Closes::No;
        self.title = case;
        Ok(())
    }

    /// Frames a piece of the request's body of `length` bytes: writes what goes before it, and gives what goes behind it.
    ///
    /// # Errors
    /// [`Unsendable::BodyTooLong`].
    pub fn send_data(&mut self, length: usize, out: &mut Vec<u8>) -> Result<&'static [u8], Unsendable> {
        self.writer.data(length, out)
    }

    /// The same for the last piece, which the end of the body then goes out with.
    ///
    /// # Errors
    /// [`Unsendable::BodyTooLong`], [`Unsendable::BodyTooShort`].
    pub fn send_last_data(&mut self, length: usize, out: &mut Vec<u8>) -> Result<&'static [u8], Unsendable> {
        self.writer.last_data(length, out)
    }

    /// Ends the request's body.
    ///
    /// # Errors
    /// [`Unsendable::BodyTooShort`].
    pub fn send_end(&mut self, out: &mut Vec<u8>) -> Result<(), Unsendable> {
        self.writer.end(out)
    }

    /// Ends the request's body with trailers. One that was announced with its length has none: there they are dropped.
    ///
    /// # Errors
    /// [`Unsendable::BodyTooShort`].
    pub fn send_trailers(&mut self, trailers: &HeaderMap, out: &mut Vec<u8>) -> Result<(), Unsendable> {
        self.writer.end_with(trailers, self.title, out)
    }

    /// Whether the whole request has been framed.
    #[must_use]
    pub fn is_sent(&self) -> bool {
        self.writer.is_done()
    }

    /// The next head of a response at the beginning of `buffer`; none if more bytes are needed.
    ///
    /// # Errors
    /// The [`Fault`] of a response that can't be read, from then on always. [`Fault::UnaskedResponse`] for bytes that
    /// come without a request.
    pub fn read_head(&mut self, buffer: &mut BytesMut) -> Result<Option<Answer>, Fault> {
        match self.at {
            At::Head => {}
            At::Failed(fault) => return Err(fault),
            At::Idle if !buffer.is_empty() => return self.fail(Fault::UnaskedResponse),
            At::Idle | At::Body | At::Switched => return Ok(None),
        }
        if buffer.is_empty() || !self.search.is_due(buffer, self.limits.section) {
            return Ok(None);
        }
        match read_response(buffer, &self.limits) {
            Ok(Some((parts, noted))) => self.head_read(parts, &noted).map(Some),
            Ok(None) => {
                self.search.parsed(buffer.len());
                Ok(None)
            }
            Err(fault) => self.fail(fault),
        }
    }

    fn head_read(&mut self, parts: response::Parts, noted: &Noted) -> Result<Answer, Fault> {
        self.search = Search::new();
        let (status, version) = (parts.status, parts.version);
        let length = match framing::of_response(noted, version, status, self.asked) {
            Ok(length) => length,
            Err(fault) => return self.fail(fault),
        };
        if status == StatusCode::SWITCHING_PROTOCOLS && !self.has_asked_to_switch {
            return self.fail(Fault::UnaskedSwitch);
        }
        let is_tunnel = self.asked == Asked::Connect && status.is_success();
        if status == StatusCode::SWITCHING_PROTOCOLS || is_tunnel {
            self.at = At::Switched;
            self.persists = false;
            return Ok(Answer::Switched(parts));
        }
        if status.is_informational() {
            self.interim += 1;
            return if self.interim > self.limits.interim {
                self.fail(Fault::TooManyInterim)
            } else {
                Ok(Answer::Interim(parts))
            };
        }
        // HTTP/1.0 would have been asked for `keep-alive`, and has no chunks to send the next request in.
        self.persists &= version == Version::HTTP_11 && !noted.closes && length != BodyLength::UntilClose;
        // What a server does that was asked to speak another protocol and refused isn't certain.
        self.persists &= self.asked != Asked::Connect && !self.has_asked_to_switch;
        self.reader = Reader::new(length);
        self.at = if self.reader.is_done() { At::Idle } else { At::Body };
        Ok(Answer::Final(parts))
    }

    /// What is left of the response's body.
    #[must_use]
    pub fn body(&self) -> BodyLength {
        self.reader.left()
    }

    /// The next piece of the response's body at the beginning of `buffer`; none if more bytes are needed.
    ///
    /// # Errors
    /// The [`Fault`] of a body that can't be read, from then on always.
    pub fn read_body(&mut self, buffer: &mut BytesMut) -> Result<Option<Piece>, Fault> {
        match self.at {
            At::Head => return Ok(None),
            At::Failed(fault) => return Err(fault),
            At::Idle | At::Body | At::Switched => {}
        }
        match self.reader.read(buffer, &self.limits) {
            Ok(piece) => {
                if self.at == At::Body && self.reader.is_done() {
                    self.at = At::Idle;
                }
                Ok(piece)
            }
            Err(fault) => self.fail(fault),
        }
    }

    /// The server has sent its last byte, and all that can be read of `buffer` has been. A body that ends with the
    /// connection has come to its end by that.
    ///
    /// # Errors
    /// [`Fault::ClosedBeforeHead`], [`Fault::CutHead`] or [`Fault::CutBody`] if a response is missing, or part of one; what is
    /// wrong with the part that is there, if it could never have become a response.
    pub fn read_eof(&mut self, buffer: &mut BytesMut) -> Result<(), Fault> {
        self.persists = false;
        match self.at {
            At::Idle | At::Switched => Ok(()),
            At::Failed(fault) => Err(fault),
            At::Head if buffer.is_empty() && self.interim == 0 => self.fail(Fault::ClosedBeforeHead),
            At::Head => {
                let fault = read_response(buffer, &self.limits).err();
                self.fail(fault.unwrap_or(Fault::CutHead))
            }
            At::Body => match self.reader.end(buffer, &self.limits) {
                Ok(()) => Ok(()),
                Err(fault) => self.fail(fault),
            },
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

    fn fail<T>(&mut self, fault: Fault) -> Result<T, Fault> {
        self.at = At::Failed(fault);
        self.persists = false;
        Err(fault)
    }
}
