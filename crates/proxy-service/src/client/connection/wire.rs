//! Reads and writes the bytes of a connection through the HTTP/1 codec.

use std::io::{self, IoSlice};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes, BytesMut};
use http1::{Answer, BodyLength, BodySize, Client, HeaderCase, Piece, RequestHead, Unsendable};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};

use super::super::answers::{AnswerLimits, error_of};
use super::super::dial::Transport;
use super::super::pool::Leased;
use crate::error::BoxError;

/// How many bytes are read at a time: this many at first, and twice as many after each read that fills the buffer, up
/// to the most.
const LEAST_READ: usize = 8 * 1024;
const MOST_READ: usize = 64 * 1024;
/// If the buffer has less room than this, more is reserved before the next read.
const WORTH_READING: usize = 1024;
/// How many slices one call writes at most.
const SLICES: usize = 16;

/// Where a piece stands in the body.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    Within,
    /// Nothing follows this piece, not even trailers.
    Last,
}

pub(in crate::client) struct Wire {
    io: Leased<Transport>,
    codec: Client,
    received: BytesMut,
    next_read: usize,
    /// Encoded heads, chunk heads and trailers that are to be written.
    out: Vec<u8>,
    written: usize,
    /// Whether any byte of the current request has been written.
    is_begun: bool,
}

impl Wire {
    pub(super) fn new(io: Leased<Transport>, limits: AnswerLimits) -> Self {
        Self {
            io,
            codec: Client::new(limits.into()),
            received: BytesMut::new(),
            next_read: LEAST_READ,
            out: Vec::new(),
            written: 0,
            is_begun: false,
        }
    }

    /// Encodes the head of a request. It is written later.
    pub(super) fn begin(&mut self, head: RequestHead<'_>, body: BodySize) -> Result<(), Unsendable> {
        self.is_begun = false;
        self.codec.send_head(head, body, HeaderCase::Lower, &mut self.out)
    }

    /// Frames a piece of the body. If it is a chunk, the chunk's head is written before it.
    pub(super) fn frame<D: Buf>(&mut self, data: D, place: Place) -> Result<Framed<D>, Unsendable> {
        let end = match place {
            Place::Within => self.codec.send_data(data.remaining(), &mut self.out)?,
            Place::Last => self.codec.send_last_data(data.remaining(), &mut self.out)?,
        };
        Ok(Framed { data, end })
    }

    pub(super) fn end(&mut self) -> Result<(), Unsendable> {
        self.codec.send_end(&mut self.out)
    }

    pub(super) fn end_with(&mut self, trailers: &http::HeaderMap) -> Result<(), Unsendable> {
        self.codec.send_trailers(trailers, &mut self.out)
    }

    /// Whether all of the request has been framed. Not all of it need be written yet.
    pub(super) fn is_sent(&self) -> bool {
        self.codec.is_sent()
    }

    pub(super) fn is_begun(&self) -> bool {
        self.is_begun
    }

    /// Writes what is pending: encoded bytes, and then `piece`, which is none once it has been written.
    pub(super) fn poll_write(
        &mut self,
        piece: &mut Option<Framed<impl Buf>>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            let head = self.out.get(self.written..).unwrap_or_default();
            let io = Pin::new(&mut self.io);
            let written = match piece {
                None if head.is_empty() => break,
                None => ready!(io.poll_write(cx, head))?,
                Some(piece) => {
                    let mut slices = [IoSlice::new(&[]); SLICES];
                    piece.gather_behind(head, &mut slices);
                    ready!(io.poll_write_vectored(cx, &slices))?
                }
            };
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.is_begun = true;
            let of_head = written.min(head.len());
            self.written += of_head;
            piece.take_if(|piece| piece.is_written_with(written - of_head));
        }
        self.out.clear();
        self.written = 0;
        Pin::new(&mut self.io).poll_flush(cx)
    }

    /// Reads the next head of an answer.
    pub(super) fn poll_head(&mut self, cx: &mut Context<'_>) -> Poll<Result<Answer, BoxError>> {
        loop {
            if let Some(answer) = self.codec.read_head(&mut self.received).map_err(error_of)? {
                return Poll::Ready(Ok(answer));
            }
            ready!(self.poll_fill(cx))?;
        }
    }

    /// Reads the next piece of the answer's body.
    pub(in crate::client) fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Result<Piece, BoxError>> {
        loop {
            if let Some(piece) = self.codec.read_body(&mut self.received)? {
                return Poll::Ready(Ok(piece));
            }
            ready!(self.poll_fill(cx))?;
        }
    }

    /// What is left of the answer's body.
    pub(in crate::client) fn left(&self) -> BodyLength {
        self.codec.body()
    }

    pub(in crate::client) fn is_received(&self) -> bool {
        self.codec.is_received()
    }

    /// Whether anything of an answer has come.
    pub(super) fn has_begun_answer(&self) -> bool {
        self.codec.has_answer_begun(&self.received)
    }

    /// Whether another request may be sent: both messages are complete, and neither side ends the connection.
    pub(super) fn is_reusable(&self) -> bool {
        self.out.is_empty() && self.codec.is_reusable(&self.received)
    }

    /// Waits until an idle connection ends. The upstream may send nothing on it: if any byte comes, the connection
    /// counts as ended as well.
    pub(super) fn poll_ended(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let mut room = [0; 1];
        Pin::new(&mut self.io).poll_read(cx, &mut ReadBuf::new(&mut room)).map(drop)
    }

    pub(super) fn release_buffers(&mut self) {
        self.received = BytesMut::new();
        self.next_read = LEAST_READ;
        self.out = Vec::new();
    }

    /// Takes out the stream, and the bytes that were already received of the protocol that is spoken on it from now
    /// on.
    pub(super) fn into_parts(self) -> (Leased<Transport>, Bytes) {
        (self.io, self.received.freeze())
    }

    fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        if self.received.capacity() - self.received.len() < WORTH_READING {
            let wanted = match self.codec.body() {
                BodyLength::Exactly(left) => {
                    usize::try_from(left).unwrap_or(MOST_READ).clamp(LEAST_READ, self.next_read)
                }
                _ => self.next_read,
            };
            self.received.reserve(wanted);
        }
        let offered = self.received.capacity() - self.received.len();
        let read = ready!(pin!(self.io.read_buf(&mut self.received)).poll(cx))?;
        if read == 0 {
            self.codec.read_eof(&mut self.received).map_err(error_of)?;
        } else if read == offered {
            self.next_read = (self.next_read * 2).min(MOST_READ);
        }
        Poll::Ready(Ok(()))
    }
}

/// A piece of a body. If it is a chunk, also the end of that chunk.
pub(super) struct Framed<D> {
    data: D,
    end: &'static [u8],
}

impl<D: Buf> Framed<D> {
    /// Puts `head` and what is left of the piece into the slices, as far as there are slices for it.
    fn gather_behind<'a>(&'a self, head: &'a [u8], slices: &mut [IoSlice<'a>; SLICES]) {
        let [first, within @ .., last] = slices;
        *first = IoSlice::new(head);
        let count = self.data.chunks_vectored(within);
        let gathered: usize = within.iter().take(count).map(|slice| slice.len()).sum();
        if gathered == self.data.remaining() {
            *last = IoSlice::new(self.end);
        }
    }

    /// Removes the written `bytes` from the piece. Says whether nothing of it is left.
    fn is_written_with(&mut self, bytes: usize) -> bool {
        let of_data = bytes.min(self.data.remaining());
        self.data.advance(of_data);
        self.end.advance(bytes - of_data);
        !self.data.has_remaining() && self.end.is_empty()
    }
}
