//! Reading the response.

use bytes::BytesMut;
use http::{StatusCode, Version, response};

use super::{Answer, At, Client};
use crate::body::{Padding, Piece, Reader};
use crate::framing::{self, Asked};
use crate::head::{Noted, Search, read_response};
use crate::{BodyLength, Fault};

impl Client {
    /// Reads the next head of a response from the beginning of `buffer`. None if more bytes are needed, or if no head
    /// is awaited.
    ///
    /// # Errors
    /// The [`Fault`] of a response that can't be read; each later call gives it again. [`Fault::UnaskedResponse`] for
    /// bytes that come without a request.
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
        // An HTTP/1.0 server would have had to be asked for `keep-alive`. It also doesn't know chunks, in which the
        // next request may be sent.
        self.persists &= version == Version::HTTP_11 && !noted.closes && length != BodyLength::UntilClose;
        // After a refused CONNECT it isn't certain what the server expects next. After a refused upgrade, the
        // connection stays usable: the caller decides whether to end it.
        self.persists &= self.asked != Asked::Connect;
        self.reader = Reader::new(length, Padding::Skipped);
        self.at = if self.reader.is_done() { At::Idle } else { At::Body };
        Ok(Answer::Final(parts))
    }

    /// What is left of the response's body, and how it ends.
    #[must_use]
    pub fn body(&self) -> BodyLength {
        self.reader.left()
    }

    /// Reads the next piece of the response's body from the beginning of `buffer`. None if more bytes are needed.
    ///
    /// # Errors
    /// The [`Fault`] of a body that can't be read; each later call gives it again.
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

    /// Notes that the server has closed its side. Call it once all that can be read from `buffer` has been read. A body
    /// that lasts until the connection ends is complete by this.
    ///
    /// # Errors
    /// [`Fault::ClosedBeforeHead`], [`Fault::CutHead`] or [`Fault::CutBody`] if a response or a part of it is missing.
    /// If the part that is there could never have become a response, the [`Fault`] of that part.
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
