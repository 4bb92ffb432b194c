//! A message body that is read piece by piece, and everything about its framing that a test may ask for.

use std::fmt;

use bytes::Bytes;

use super::fields::Fields;
use super::syntax::{self, Framing, Violation};
use super::wire::{Reader, Stop};

/// How far a body has come, or how it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyEnd {
    /// More may come.
    Open,
    /// It ended as its framing says. With [`Framing::UntilClose`] any orderly close is this.
    Complete,
    /// The connection was closed in an orderly way before the end.
    Truncated,
    /// The connection was reset before the end.
    Reset,
    Malformed(Violation),
}

#[derive(Clone)]
pub struct Body {
    pub framing: Framing,
    pub bytes: Vec<u8>,
    /// The size of every chunk, the last one of 0 excluded.
    pub chunks: Vec<u64>,
    pub trailers: Fields,
    pub end: BodyEnd,
    due: Due,
}

/// What may come next.
#[derive(Clone, Copy, Debug)]
enum Due {
    Data(u64),
    ChunkData(u64),
    ChunkSize,
}

/// Shows only the first bytes: a failed test must not print a body of many MiB.
impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 200;
        let first = &self.bytes[..self.bytes.len().min(SHOWN)];
        f.debug_struct("Body")
            .field("framing", &self.framing)
            .field("length", &self.bytes.len())
            .field("begins", &format_args!("{}", first.escape_ascii()))
            .field("trailers", &self.trailers)
            .field("end", &self.end)
            .finish_non_exhaustive()
    }
}

impl Body {
    pub fn new(framing: Framing) -> Self {
        let due = match framing {
            Framing::NoBody => Due::Data(0),
            Framing::Length(length) => Due::Data(length),
            Framing::Chunked => Due::ChunkSize,
            Framing::UntilClose => Due::Data(u64::MAX),
        };
        let end = if matches!(due, Due::Data(0)) { BodyEnd::Complete } else { BodyEnd::Open };
        Self { framing, bytes: Vec::new(), chunks: Vec::new(), trailers: Fields::default(), end, due }
    }

    pub fn text(&self) -> String {
        syntax::latin1(&self.bytes)
    }

    pub fn is_complete(&self) -> bool {
        self.end == BodyEnd::Complete
    }

    /// The next bytes as they come; `None` once there are no more, and [`Body::end`] says why. Cancel-safe as
    /// long as the trailers have not begun.
    pub async fn next(&mut self, reader: &mut Reader) -> Option<Bytes> {
        while self.end == BodyEnd::Open {
            match self.step(reader).await {
                Ok(Some(data)) => return Some(data),
                Ok(None) => {}
                Err(stop) => self.end = self.ended_by(stop),
            }
        }
        None
    }

    pub async fn read_to_end(&mut self, reader: &mut Reader) {
        while self.next(reader).await.is_some() {}
    }

    async fn step(&mut self, reader: &mut Reader) -> Result<Option<Bytes>, Stop> {
        match self.due {
            Due::Data(left) => {
                let data = reader.some(left).await?;
                self.due = Due::Data(left - data.len() as u64);
                if left == data.len() as u64 {
                    self.end = BodyEnd::Complete;
                }
                self.bytes.extend_from_slice(&data);
                Ok(Some(data))
            }
            Due::ChunkSize => {
                match syntax::chunk_size(&reader.line().await?)? {
                    0 => self.finish(reader).await?,
                    size => {
                        self.chunks.push(size);
                        self.due = Due::ChunkData(size);
                    }
                }
                Ok(None)
            }
            Due::ChunkData(0) => {
                reader.chunk_end().await?;
                self.due = Due::ChunkSize;
                Ok(None)
            }
            Due::ChunkData(left) => {
                let data = reader.some(left).await?;
                self.due = Due::ChunkData(left - data.len() as u64);
                self.bytes.extend_from_slice(&data);
                Ok(Some(data))
            }
        }
    }

    async fn finish(&mut self, reader: &mut Reader) -> Result<(), Stop> {
        let trailers = reader.fields().await?;
        for (name, _) in &trailers.0 {
            syntax::check_trailer_name(name)?;
        }
        self.trailers = trailers;
        self.end = BodyEnd::Complete;
        Ok(())
    }

    fn ended_by(&self, stop: Stop) -> BodyEnd {
        match stop {
            Stop::Closed if self.framing == Framing::UntilClose => BodyEnd::Complete,
            // A trailer section that is cut means that the body is cut.
            Stop::Closed | Stop::Violation(Violation::SectionCut) => BodyEnd::Truncated,
            Stop::Reset => BodyEnd::Reset,
            Stop::Violation(violation) => BodyEnd::Malformed(violation),
        }
    }
}
