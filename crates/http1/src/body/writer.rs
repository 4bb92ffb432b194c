//! Framing a body that is sent.

use http::HeaderMap;

use crate::write::{HeaderCase, put_fields};
use crate::{BodyLength, Unsendable};

/// The end of a chunk.
const CHUNK_END: &[u8] = b"\r\n";
/// The end of the last chunk that has content, together with the end of the body (RFC 9112 §7.1).
const LAST_CHUNK_END: &[u8] = b"\r\n0\r\n\r\n";

/// Frames one body.
#[derive(Debug)]
pub(crate) enum Writer {
    Done,
    Length(u64),
    Chunked,
    UntilClose,
}

impl Writer {
    pub(crate) fn new(length: BodyLength) -> Self {
        match length {
            BodyLength::Empty | BodyLength::Exactly(0) => Self::Done,
            BodyLength::Exactly(length) => Self::Length(length),
            BodyLength::Chunked => Self::Chunked,
            BodyLength::UntilClose => Self::UntilClose,
        }
    }

    pub(crate) fn is_done(&self) -> bool {
        matches!(self, Self::Done)
    }

    /// Frames `length` bytes of content: writes to `out` what goes before them, and returns what goes after them.
    pub(crate) fn data(&mut self, length: usize, out: &mut Vec<u8>) -> Result<&'static [u8], Unsendable> {
        match self {
            _ if length == 0 => Ok(&[]),
            Self::Done => Err(Unsendable::BodyTooLong),
            Self::Length(left) => {
                *left = left.checked_sub(length as u64).ok_or(Unsendable::BodyTooLong)?;
                if *left == 0 {
                    *self = Self::Done;
                }
                Ok(&[])
            }
            Self::Chunked => {
                put_size(length, out);
                Ok(CHUNK_END)
            }
            Self::UntilClose => Ok(&[]),
        }
    }

    /// Frames the last content, together with the body's end.
    pub(crate) fn last_data(
        &mut self,
        length: usize,
        out: &mut Vec<u8>,
    ) -> Result<&'static [u8], Unsendable> {
        if let Self::Length(left) = self
            && *left > length as u64
        {
            return Err(Unsendable::BodyTooShort);
        }
        let end = self.data(length, out)?;
        match self {
            Self::Chunked if length > 0 => {
                *self = Self::Done;
                Ok(LAST_CHUNK_END)
            }
            _ => {
                self.end(out)?;
                Ok(end)
            }
        }
    }

    /// Ends the body.
    pub(crate) fn end(&mut self, out: &mut Vec<u8>) -> Result<(), Unsendable> {
        match self {
            Self::Length(_) => return Err(Unsendable::BodyTooShort),
            Self::Chunked => out.extend_from_slice(b"0\r\n\r\n"),
            Self::Done | Self::UntilClose => {}
        }
        *self = Self::Done;
        Ok(())
    }

    /// Ends the body with a trailer section. Only a chunked body can have one: any other ends without it.
    pub(crate) fn end_with(
        &mut self,
        trailers: &HeaderMap,
        case: HeaderCase,
        out: &mut Vec<u8>,
    ) -> Result<(), Unsendable> {
        if !matches!(self, Self::Chunked) {
            return self.end(out);
        }
        out.extend_from_slice(b"0\r\n");
        put_fields(trailers, case, out);
        out.extend_from_slice(b"\r\n");
        *self = Self::Done;
        Ok(())
    }
}

/// Writes a chunk's first line: its size and CR LF.
fn put_size(size: usize, out: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut line = *b"0000000000000000\r\n";
    let mut left = size;
    let mut start = 16;
    for (place, byte) in line.iter_mut().enumerate().take(16).rev() {
        if left == 0 {
            break;
        }
        *byte = DIGITS.get(left & 15).copied().unwrap_or_default();
        left >>= 4;
        start = place;
    }
    out.extend_from_slice(line.get(start..).unwrap_or_default());
}
