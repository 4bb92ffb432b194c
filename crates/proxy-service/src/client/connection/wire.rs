//! Reads and writes the bytes of a connection through the HTTP/1 codec.

use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use http1::{
    Answer, BodyLength, BodySize, Client, Framed, HeaderCase, Piece, ReadBuffer, RequestHead, Unsendable,
    WriteBuffer,
};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};

use super::super::answers::{AnswerLimits, error_of};
use super::super::dial::Transport;
use super::super::pool::Leased;
use crate::error::BoxError;

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
    case: HeaderCase,
    received: ReadBuffer,
    out: WriteBuffer,
    /// Whether any byte of the current request has been written.
    is_begun: bool,
}

impl Wire {
    pub(super) fn new(io: Leased<Transport>, limits: AnswerLimits, case: HeaderCase) -> Self {
        Self {
            io,
            codec: Client::new(limits.into()),
            case,
            received: ReadBuffer::new(),
            out: WriteBuffer::new(),
            is_begun: false,
        }
    }

    /// Encodes the head of a request. It is written later.
    pub(super) fn begin(&mut self, head: RequestHead<'_>, body: BodySize) -> Result<(), Unsendable> {
        self.is_begun = false;
        self.codec.send_head(head, body, self.case, self.out.bytes())
    }

    /// Frames a piece of the body. If it is a chunk, the chunk's head is written before it.
    pub(super) fn frame<D: Buf>(&mut self, data: D, place: Place) -> Result<Framed<D>, Unsendable> {
        let end = match place {
            Place::Within => self.codec.send_data(data.remaining(), self.out.bytes())?,
            Place::Last => self.codec.send_last_data(data.remaining(), self.out.bytes())?,
        };
        Ok(Framed::new(data, end))
    }

    pub(super) fn end(&mut self) -> Result<(), Unsendable> {
        self.codec.send_end(self.out.bytes())
    }

    pub(super) fn end_with(&mut self, trailers: &http::HeaderMap) -> Result<(), Unsendable> {
        self.codec.send_trailers(trailers, self.out.bytes())
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
            let io = Pin::new(&mut self.io);
            let written = match piece {
                None if self.out.is_empty() => break,
                None => ready!(io.poll_write(cx, self.out.left()))?,
                Some(piece) => ready!(io.poll_write_vectored(cx, &self.out.slices_with(piece)))?,
            };
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.is_begun = true;
            self.out.note_written(written, piece);
        }
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
        self.received = ReadBuffer::new();
        self.out = WriteBuffer::new();
    }

    /// Takes out the stream, and the bytes that were already received of the protocol that is spoken on it from now
    /// on.
    pub(super) fn into_parts(self) -> (Leased<Transport>, Bytes) {
        (self.io, self.received.into_bytes().freeze())
    }

    fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        let offered = self.received.make_room(self.codec.body());
        let read = ready!(pin!(self.io.read_buf(&mut *self.received)).poll(cx))?;
        self.received.note_read(read, offered);
        if read == 0 {
            self.codec.read_eof(&mut self.received).map_err(error_of)?;
        }
        Poll::Ready(Ok(()))
    }
}
