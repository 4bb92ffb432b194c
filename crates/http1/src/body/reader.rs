//! Reading the content of a body.

use bytes::{Bytes, BytesMut};
use http::HeaderMap;

use super::chunks::{Chunks, Step};
use super::content::take;
use super::extension::Padding;
use crate::{BodyLength, Fault, Limits};

/// A piece of a body that was read.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    /// Content, which is never empty. It is a slice of the buffer that it was read into.
    Data(Bytes),
    /// The trailer section, if it has any field. Only [`End`](Self::End) follows.
    Trailers(HeaderMap),
    /// The body has ended.
    End,
}

/// Reads one body.
#[derive(Debug)]
pub(crate) enum Reader {
    Done,
    Length(u64),
    Chunked(Chunks),
    UntilClose,
    /// The connection has ended: the rest of the body is what is left in the buffer.
    Rest,
    Broken(Fault),
}

impl Reader {
    pub(crate) fn new(length: BodyLength, padding: Padding) -> Self {
        match length {
            BodyLength::Empty => Self::Done,
            BodyLength::Exactly(length) => Self::Length(length),
            BodyLength::Chunked => Self::Chunked(Chunks::new(padding)),
            BodyLength::UntilClose => Self::UntilClose,
        }
    }

    /// What is left of the body.
    pub(crate) fn left(&self) -> BodyLength {
        match self {
            Self::Done => BodyLength::Empty,
            Self::Length(left) => BodyLength::Exactly(*left),
            Self::Chunked(_) | Self::Broken(_) => BodyLength::Chunked,
            Self::UntilClose | Self::Rest => BodyLength::UntilClose,
        }
    }

    pub(crate) fn is_done(&self) -> bool {
        matches!(self, Self::Done)
    }

    /// Reads the next piece from the beginning of `buffer`. None if more bytes are needed.
    ///
    /// # Errors
    /// The [`Fault`] of a malformed chunk or trailer section; each later call gives it again.
    pub(crate) fn read(&mut self, buffer: &mut BytesMut, limits: &Limits) -> Result<Option<Piece>, Fault> {
        let piece = match self {
            Self::Done => Piece::End,
            Self::Rest if buffer.is_empty() => {
                *self = Self::Done;
                Piece::End
            }
            _ if buffer.is_empty() => return Ok(None),
            Self::Length(left) => {
                let data = take(buffer, left);
                if *left == 0 {
                    *self = Self::Done;
                }
                Piece::Data(data)
            }
            Self::Chunked(chunks) => match chunks.read(buffer, limits) {
                Ok(Step::More) => return Ok(None),
                Ok(Step::Data(data)) => {
                    if chunks.takes_end(buffer) {
                        *self = Self::Done;
                    }
                    Piece::Data(data)
                }
                Ok(Step::End(trailers)) => {
                    *self = Self::Done;
                    if trailers.is_empty() { Piece::End } else { Piece::Trailers(trailers) }
                }
                Err(fault) => {
                    *self = Self::Broken(fault);
                    return Err(fault);
                }
            },
            Self::UntilClose | Self::Rest => Piece::Data(buffer.split().freeze()),
            Self::Broken(fault) => return Err(*fault),
        };
        Ok(Some(piece))
    }

    /// Notes that the connection has ended, while `buffer` still holds these bytes.
    ///
    /// # Errors
    /// [`Fault::CutBody`] if that wasn't the body's end, or the [`Fault`] of what can't be read of it.
    pub(crate) fn end(&mut self, buffer: &BytesMut, limits: &Limits) -> Result<(), Fault> {
        match self {
            Self::Done | Self::Rest => Ok(()),
            Self::UntilClose => {
                *self = if buffer.is_empty() { Self::Done } else { Self::Rest };
                Ok(())
            }
            Self::Broken(fault) => Err(*fault),
            Self::Length(_) => Err(Fault::CutBody),
            Self::Chunked(chunks) => Err(chunks.cut(buffer, limits)),
        }
    }
}
