//! The request.

use http::HeaderMap;

use super::{At, Client};
use crate::body::Writer;
use crate::framing::Asked;
use crate::head::Search;
use crate::write::{Closes, WrittenRequest, write_request};
use crate::{BodySize, HeaderCase, RequestHead, Unsendable};

impl Client {
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
        self.case = case;
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
        self.writer.end_with(trailers, self.case, out)
    }

    /// Whether the whole request has been framed.
    #[must_use]
    pub fn is_sent(&self) -> bool {
        self.writer.is_done()
    }
}
