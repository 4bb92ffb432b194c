//! The request.

use bytes::BytesMut;
use http::{Version, request};

use super::{Asking, At, Server};
use crate::body::{Piece, Reader};
use crate::framing::{self, Asked};
use crate::head::{Noted, Search, read_request};
use crate::write::Persistence;
use crate::{BodyLength, Fault};

impl Server {
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
            Ok(Some((parts, noted))) => {
                self.head_read(&parts, &noted)?;
                Ok(Some(parts))
            }
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

    fn head_read(&mut self, parts: &request::Parts, noted: &Noted) -> Result<(), Fault> {
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
        Ok(())
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
