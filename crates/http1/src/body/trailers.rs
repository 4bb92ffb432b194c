//! The trailer section of a chunked body (RFC 9112 §7.1.2).

use bytes::{Buf, BytesMut};
use http::HeaderMap;

use crate::head::{Search, trailers};
use crate::{Fault, Limits};

#[derive(Clone, Copy, Debug)]
pub(super) struct Trailers {
    search: Search,
}

impl Trailers {
    pub(super) const fn new() -> Self {
        Self { search: Search::new() }
    }

    /// Reads the fields. Most trailer sections have none. `None` if the section isn't complete yet.
    pub(super) fn read(
        &mut self,
        buffer: &mut BytesMut,
        limits: &Limits,
    ) -> Result<Option<HeaderMap>, Fault> {
        if buffer.starts_with(b"\r\n") {
            buffer.advance(2);
            return Ok(Some(HeaderMap::new()));
        }
        if !self.search.is_due(buffer, limits.trailers) {
            return Ok(None);
        }
        match self.parse(buffer, limits)? {
            Some((length, fields)) => {
                buffer.advance(length);
                Ok(Some(fields))
            }
            None if buffer.len() >= limits.trailers => Err(Fault::TrailersTooLarge),
            None => {
                self.search.parsed(buffer.len());
                Ok(None)
            }
        }
    }

    /// The fault of a trailer section if the connection ends here.
    pub(super) fn cut(&self, buffer: &BytesMut, limits: &Limits) -> Fault {
        self.parse(buffer, limits).err().unwrap_or(Fault::CutBody)
    }

    fn parse(&self, buffer: &BytesMut, limits: &Limits) -> Result<Option<(usize, HeaderMap)>, Fault> {
        trailers(buffer.get(..limits.trailers).unwrap_or(buffer), limits.fields)
    }
}
