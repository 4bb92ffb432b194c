//! Sending the request.

use http::HeaderMap;

use super::{At, Client};
use crate::body::Writer;
use crate::framing::Asked;
use crate::head::Search;
use crate::write::{Closes, WrittenRequest, write_request};
use crate::{BodySize, HeaderCase, RequestHead, Unsendable};

impl Client {
    /// Writes a request's head. The body that `body` announces has to follow.
    ///
    /// # Errors
    /// [`Unsendable::HeadOutOfTurn`] if the connection can't take a request now, [`Unsendable::InvalidTarget`] if the
    /// target can't be written. Nothing is written then.
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
        self.case = case;
        Ok(())
    }

    /// Frames a piece of the request's body of `length` bytes. Writes to `out` what goes before the piece, and returns
    /// what goes after it. The caller sends the piece itself in between.
    ///
    /// # Errors
    /// [`Unsendable::BodyTooLong`].
    pub fn send_data(&mut self, length: usize, out: &mut Vec<u8>) -> Result<&'static [u8], Unsendable> {
        self.writer.data(length, out)
    }

    /// Frames the last piece of the request's body, as [`send_data`](Self::send_data) does, together with the body's
    /// end.
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

    /// Ends the request's body with trailers. If the body was announced with its length, it can't have any: they are
    /// dropped.
    ///
    /// # Errors
    /// [`Unsendable::BodyTooShort`].
    pub fn send_trailers(&mut self, trailers: &HeaderMap, out: &mut Vec<u8>) -> Result<(), Unsendable> {
        self.writer.end_with(trailers, self.case, out)
    }

    /// Whether the whole request has been framed, up to the end of its body.
    #[must_use]
    pub fn is_sent(&self) -> bool {
        self.writer.is_done()
    }
}
