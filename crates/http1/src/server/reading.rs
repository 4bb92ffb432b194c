//! Reading the request.

use bytes::BytesMut;
use http::{Method, Version, request};

use super::{Asking, At, Server};
use crate::body::{Padding, Piece, Reader};
use crate::framing::{self, Asked};
use crate::head::{Noted, RefusedHead, Search, read_request};
use crate::write::Persistence;
use crate::{BodyLength, Fault};

impl Server {
    /// Reads the next request's head from the beginning of `buffer`. None if more bytes are needed, or if the request
    /// before isn't done.
    ///
    /// # Errors
    /// A request that is refused: its [`Fault`], and what could be read of it. The caller may answer it, with
    /// [`Fault::status`] or another status, and that is the connection's last response.
    pub fn read_head(&mut self, buffer: &mut BytesMut) -> Result<Option<request::Parts>, Box<RefusedHead>> {
        if self.at != At::Idle || buffer.is_empty() && !self.has_ended {
            return Ok(None);
        }
        if !self.has_ended && !self.search.is_due(buffer, self.limits.section) {
            return Ok(None);
        }
        self.request = Asking::UNREAD;
        match read_request(buffer, &self.limits, &mut self.search) {
            Ok(Some((parts, noted))) => match self.head_read(&parts, &noted) {
                Ok(()) => Ok(Some(parts)),
                Err(fault) => Err(self.refuse(RefusedHead::whole(fault, parts))),
            },
            Ok(None) if self.has_ended && buffer.is_empty() => {
                self.at = At::Ended;
                Ok(None)
            }
            Ok(None) if self.has_ended => Err(self.refuse(RefusedHead::begun(Fault::CutHead, buffer))),
            Ok(None) => {
                self.search.parsed(buffer.len());
                Ok(None)
            }
            Err(refused) => Err(self.refuse(refused)),
        }
    }

    fn head_read(&mut self, parts: &request::Parts, noted: &Noted) -> Result<(), Fault> {
        self.search = Search::new();
        let is_http11 = parts.version == Version::HTTP_11;
        self.request = Asking {
            version: parts.version,
            asked: Asked::with(&parts.method),
            wants_switch: is_http11 && noted.upgrades && noted.has_upgrade,
            takes_trailers: noted.takes_trailers,
            awaits_continue: false,
            fault: None,
        };
        let length = match noted.fault {
            Some(fault) => return Err(fault),
            None => framing::of_request(noted, parts.version)?,
        };
        // `Expect: 100-continue` counts only in HTTP/1.1, and only if there is a body (RFC 9110 §10.1.1).
        self.request.awaits_continue = is_http11 && noted.expects && length != BodyLength::Empty;
        let persists =
            !noted.closes && (is_http11 || noted.keeps_alive) && self.request.asked != Asked::Connect;
        if !persists {
            self.persistence = Persistence::Closes;
        }
        self.reader = Reader::new(length, Padding::Refused);
        self.at = At::Unanswered;
        Ok(())
    }

    /// Whether the client waits for a 100 before it sends its body, and no part of the body has come.
    #[must_use]
    pub fn awaits_continue(&self, buffer: &BytesMut) -> bool {
        self.at == At::Unanswered && self.request.awaits_continue && buffer.is_empty()
    }

    /// What is left of the request's body, and how it ends.
    #[must_use]
    pub fn body(&self) -> BodyLength {
        self.reader.left()
    }

    /// Reads the next piece of the request's body from the beginning of `buffer`. None if more bytes are needed.
    ///
    /// # Errors
    /// The [`Fault`] of a body that can't be read; each later call gives it again. If the request has no response yet,
    /// the caller may still send one.
    pub fn read_body(&mut self, buffer: &mut BytesMut) -> Result<Option<Piece>, Fault> {
        match self.reader.read(buffer, &self.limits) {
            Ok(Some(piece)) => {
                self.request.awaits_continue = false;
                self.settle();
                Ok(Some(piece))
            }
            Ok(None) if self.has_ended => Err(self.fail(Fault::CutBody)),
            Ok(None) => Ok(None),
            Err(fault) => Err(self.fail(fault)),
        }
    }

    /// Whether the request's body has been read to its end.
    #[must_use]
    pub fn is_received(&self) -> bool {
        self.reader.is_done()
    }

    /// Notes that the client has closed its side. Its requests are still answered: also complete ones that are in
    /// `buffer` and were not read yet.
    ///
    /// # Errors
    /// [`Fault::CutBody`] if the client closed in the middle of a body, or the [`Fault`] of the part that is there. If
    /// a head is cut off, [`read_head`](Self::read_head) tells.
    pub fn read_eof(&mut self, buffer: &mut BytesMut) -> Result<(), Fault> {
        self.has_ended = true;
        if self.at == At::Idle && buffer.is_empty() {
            self.at = At::Ended;
        }
        match self.reader.end(buffer, &self.limits) {
            Ok(()) => Ok(()),
            Err(fault) => Err(self.fail(fault)),
        }
    }

    /// Notes a refused request. Its answer is framed for its method and version, but no tunnel and no other protocol
    /// can come of it.
    #[cold]
    fn refuse(&mut self, refused: Box<RefusedHead>) -> Box<RefusedHead> {
        let is_head = refused.method == Some(Method::HEAD);
        self.request = Asking {
            version: refused.version.unwrap_or(Version::HTTP_11),
            asked: if is_head { Asked::Head } else { Asked::Other },
            ..Asking::UNREAD
        };
        self.fail(refused.fault);
        refused
    }

    fn fail(&mut self, fault: Fault) -> Fault {
        self.request.fault = Some(fault);
        self.persistence = Persistence::Closes;
        match self.at {
            At::Idle => self.at = At::Unanswered,
            _ => self.settle(),
        }
        fault
    }
}
