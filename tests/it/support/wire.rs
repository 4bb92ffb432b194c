//! The reading half of a connection: bytes, lines and heads, and the reason why there were no more.

use std::io;

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

use super::fields::Fields;
use super::syntax::{self, Violation};

const LONGEST_LINE: usize = 1 << 20;

/// Why reading stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The peer closed its sending half: an orderly end of the connection, not necessarily of the message.
    Closed,
    /// The connection was reset.
    Reset,
    Violation(Violation),
}

impl From<Violation> for Stop {
    fn from(violation: Violation) -> Self {
        Stop::Violation(violation)
    }
}

impl From<io::Error> for Stop {
    /// Every socket error here is caused by the peer.
    fn from(_: io::Error) -> Self {
        Stop::Reset
    }
}

/// A message's head: its exact bytes (the empty line included), what its first line says, and the fields.
pub struct RawHead<First> {
    pub bytes: Bytes,
    pub first: First,
    pub fields: Fields,
}

pub struct Reader {
    socket: OwnedReadHalf,
    unread: BytesMut,
    /// Bytes consumed since the last head began.
    taken: BytesMut,
}

pub fn split(stream: TcpStream) -> (Reader, Writer) {
    let _ = stream.set_nodelay(true);
    let (reading, writing) = stream.into_split();
    (Reader { socket: reading, unread: BytesMut::new(), taken: BytesMut::new() }, Writer(writing))
}

impl Reader {
    /// What was received and not consumed yet. After a [`Violation`] it starts with the offending bytes.
    pub fn unread(&self) -> &[u8] {
        &self.unread
    }

    /// Everything since the last head began, consumed or not.
    pub fn since_head(&self) -> Vec<u8> {
        [&self.taken[..], &self.unread[..]].concat()
    }

    /// The next head. `Ok(None)` if the peer closed before a message had begun.
    pub async fn head<First>(
        &mut self,
        first_line: fn(&[u8]) -> Result<First, Violation>,
    ) -> Result<Option<RawHead<First>>, Stop> {
        self.taken.clear();
        let first = match self.line().await {
            Ok(line) => first_line(&line)?,
            Err(Stop::Closed) if self.unread.is_empty() => return Ok(None),
            Err(Stop::Closed) => return Err(Violation::SectionCut.into()),
            Err(stop) => return Err(stop),
        };
        let fields = self.fields().await?;
        Ok(Some(RawHead { bytes: Bytes::copy_from_slice(&self.taken), first, fields }))
    }

    /// Field lines up to and including the empty line.
    pub async fn fields(&mut self) -> Result<Fields, Stop> {
        let mut fields = Fields::default();
        loop {
            match self.line().await {
                Ok(line) if line.is_empty() => return Ok(fields),
                Ok(line) => fields.0.push(syntax::field_line(&line)?),
                Err(Stop::Closed) => return Err(Violation::SectionCut.into()),
                Err(stop) => return Err(stop),
            }
        }
    }

    /// A line without its CRLF.
    pub async fn line(&mut self) -> Result<Vec<u8>, Stop> {
        let mut seen = 0;
        loop {
            match self.unread[seen..]
                .iter()
                .position(|byte| matches!(byte, b'\r' | b'\n'))
                .map(|at| seen + at)
            {
                Some(at) if self.unread[at] == b'\n' => return Err(Violation::BareLf.into()),
                Some(at) => match self.unread.get(at + 1) {
                    Some(b'\n') => {
                        let line = self.take(at + 2);
                        return Ok(line[..at].to_vec());
                    }
                    Some(_) => return Err(Violation::BareCr.into()),
                    None => seen = at,
                },
                None => seen = self.unread.len(),
            }
            if seen > LONGEST_LINE {
                return Err(Violation::LineTooLong.into());
            }
            self.fill().await?;
        }
    }

    /// At least one and at most `most` bytes, as they come.
    pub async fn some(&mut self, most: u64) -> Result<Bytes, Stop> {
        if self.unread.is_empty() {
            self.fill().await?;
        }
        Ok(self.take(self.unread.len().min(usize::try_from(most).unwrap_or(usize::MAX))))
    }

    /// The CRLF that ends a chunk.
    pub async fn chunk_end(&mut self) -> Result<(), Stop> {
        while self.unread.len() < 2 {
            if !b"\r\n".starts_with(&self.unread) {
                return Err(Violation::ChunkEnd.into());
            }
            self.fill().await?;
        }
        if !self.unread.starts_with(b"\r\n") {
            return Err(Violation::ChunkEnd.into());
        }
        self.take(2);
        Ok(())
    }

    /// Waits for the end of the connection without consuming another byte.
    pub async fn end(&mut self) -> Stop {
        match self.unread.is_empty() {
            true => self.fill().await.err().unwrap_or(Stop::Violation(Violation::UnexpectedBytes)),
            false => Stop::Violation(Violation::UnexpectedBytes),
        }
    }

    async fn fill(&mut self) -> Result<(), Stop> {
        match self.socket.read_buf(&mut self.unread).await? {
            0 => Err(Stop::Closed),
            _ => Ok(()),
        }
    }

    /// `taken` keeps no more than a head can have, so that a body of any size may pass through.
    fn take(&mut self, count: usize) -> Bytes {
        let bytes = Bytes::copy_from_slice(&self.unread[..count]);
        self.unread.advance(count);
        if self.taken.len() < LONGEST_LINE {
            self.taken.extend_from_slice(&bytes);
        }
        bytes
    }
}

/// The writing half of a connection. Dropping it sends a FIN.
pub struct Writer(OwnedWriteHalf);

impl Writer {
    pub async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes).await
    }

    /// Half-close: no more bytes from this side, reading goes on.
    pub async fn finish(&mut self) -> io::Result<()> {
        self.0.shutdown().await
    }
}

/// Closes with an RST instead of a FIN.
pub fn reset(reader: Reader, writer: Writer) {
    let lingers_not = writer.0.as_ref().set_zero_linger();
    debug_assert!(lingers_not.is_ok(), "{lingers_not:?}");
    // If the write half were dropped, it would send a FIN first.
    writer.0.forget();
    drop(reader);
}
