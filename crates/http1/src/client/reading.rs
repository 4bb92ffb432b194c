//! The response.

use bytes::BytesMut;
use http::{StatusCode, Version, response};

use super::{Answer, At, Client};
use crate::body::{Piece, Reader};
use crate::framing::{self, Asked};
use crate::head::{Noted, Search, read_response};
use crate::{BodyLength, Fault};

impl Client {
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
        self.persists &= self.asked != Asked::Connect;
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

    fn fail<T>(&mut self, fault: Fault) -> Result<T, Fault> {
        self.at = At::Failed(fault);
        self.persists = false;
        Err(fault)
    }
}
