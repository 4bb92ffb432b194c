//! Sending the response.

use http::{HeaderMap, StatusCode, Version};

use super::{At, Server};
use crate::body::Writer;
use crate::framing::Asked;
use crate::write::{Persistence, Responding, write_interim, write_response};
use crate::{BodySize, HeaderCase, ResponseHead, Unsendable};

impl Server {
    /// Writes an interim response. To a client of HTTP/1.0 nothing is written (RFC 9110 §15.2).
    ///
    /// # Errors
    /// [`Unsendable::HeadOutOfTurn`] if no request waits for its response, [`Unsendable::InvalidStatus`] if the status
    /// isn't 1xx or is 101.
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

    /// Writes a response's head. The body that `body` announces has to follow, unless the request or the status doesn't
    /// allow one.
    ///
    /// `date` is written if the response has no `Date` (RFC 9110 §6.6.1).
    ///
    /// # Errors
    /// [`Unsendable::HeadOutOfTurn`] if no request waits for its response, [`Unsendable::InvalidStatus`] for 1xx,
    /// except a 101 that was asked for. Nothing is written then.
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
        // While the client waits for a 100, it isn't known whether it will send the body: the connection can't go on.
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
        self.case = case;
        self.at = if is_tunnel { At::Switched } else { At::Answered };
        self.settle();
        Ok(())
    }

    /// Frames a piece of the response's body of `length` bytes. Writes to `out` what goes before the piece, and returns
    /// what goes after it. The caller sends the piece itself in between.
    ///
    /// # Errors
    /// [`Unsendable::BodyTooLong`].
    pub fn send_data(&mut self, length: usize, out: &mut Vec<u8>) -> Result<&'static [u8], Unsendable> {
        let end = self.writer.data(length, out)?;
        self.settle();
        Ok(end)
    }

    /// Frames the last piece of the response's body, as [`send_data`](Self::send_data) does, together with the body's
    /// end.
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
    /// [`Unsendable::BodyTooShort`]: the caller has to close the connection, so that the client sees that something is
    /// missing.
    pub fn send_end(&mut self, out: &mut Vec<u8>) -> Result<(), Unsendable> {
        self.writer.end(out)?;
        self.settle();
        Ok(())
    }

    /// Ends the response's body with trailers. They are dropped if the client didn't say that it reads them (`TE:
    /// trailers`, RFC 9110 §6.5.1), and after a body that isn't chunked, which can't have them.
    ///
    /// # Errors
    /// [`Unsendable::BodyTooShort`].
    pub fn send_trailers(&mut self, trailers: &HeaderMap, out: &mut Vec<u8>) -> Result<(), Unsendable> {
        if self.request.takes_trailers {
            self.writer.end_with(trailers, self.case, out)?;
        } else {
            self.writer.end(out)?;
        }
        self.settle();
        Ok(())
    }

    /// Whether the whole response has been framed, up to the end of its body.
    #[must_use]
    pub fn is_sent(&self) -> bool {
        !matches!(self.at, At::Unanswered) && self.writer.is_done()
    }
}
