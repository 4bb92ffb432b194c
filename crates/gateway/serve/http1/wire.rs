//! Reads and writes the bytes of a connection through the HTTP/1 codec.

use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use std::time::SystemTime;

use bytes::{Buf, Bytes, BytesMut};
use http::{HeaderMap, StatusCode, request};
use http1::{
    BodyLength, BodySize, Fault, Framed, HeaderCase, HttpDate, Phase, Piece, ReadBuffer, RefusedHead,
    ResponseHead, Server, Unsendable, WriteBuffer,
};
use tokio::io::AsyncReadExt as _;

use super::super::stream::OverSocket;

/// A piece of a body that is smaller than this is copied behind its head: one slice is cheaper to write than two.
const COPIED: usize = 1024;

/// The stream of a connection, and what is buffered of it.
#[derive(Debug)]
pub(super) struct Wire<T: OverSocket> {
    stream: Option<T>,
    codec: Server,
    received: ReadBuffer,
    out: WriteBuffer,
    /// How often something was written.
    writes: u64,
    date: HttpDate,
    case: HeaderCase,
}

/// Where a piece stands in the body.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    Within,
    /// Nothing follows this piece, not even trailers.
    Last,
}

impl<T: OverSocket> Wire<T> {
    pub(super) fn new(stream: T, received: BytesMut, codec: Server, case: HeaderCase) -> Self {
        Self {
            stream: Some(stream),
            codec,
            received: received.into(),
            out: WriteBuffer::new(),
            writes: 0,
            date: HttpDate::default(),
            case,
        }
    }

    pub(super) fn codec(&self) -> &Server {
        &self.codec
    }

    pub(super) fn phase(&self) -> Phase {
        self.codec.phase()
    }

    /// Whether nothing was received that isn't used yet.
    pub(super) fn is_drained(&self) -> bool {
        self.received.is_empty()
    }

    pub(super) fn writes(&self) -> u64 {
        self.writes
    }

    pub(super) fn read_head(&mut self) -> Result<Option<request::Parts>, Box<RefusedHead>> {
        self.codec.read_head(&mut self.received)
    }

    /// The rest of the request's body, if it is short and all of it has been received.
    pub(super) fn take_whole_body(&mut self) -> Option<Bytes> {
        let BodyLength::Exactly(left) = self.codec.body() else { return None };
        if left > self.received.len() as u64 {
            return None;
        }
        match self.codec.read_body(&mut self.received) {
            Ok(Some(Piece::Data(data))) => Some(data),
            _ => None,
        }
    }

    /// Reads the next piece of the request's body.
    pub(super) fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Result<Piece, Fault>> {
        loop {
            if let Some(piece) = self.codec.read_body(&mut self.received)? {
                return Poll::Ready(Ok(piece));
            }
            if ready!(self.poll_fill(cx)).is_err() {
                self.codec.read_eof(&mut self.received)?;
            }
        }
    }

    /// Reads and drops what has been received of the request's body.
    pub(super) fn drop_received(&mut self) {
        while !self.codec.is_received() && matches!(self.codec.read_body(&mut self.received), Ok(Some(_))) {}
    }

    /// Reads more bytes, if there is room for them.
    ///
    /// # Errors
    /// If the stream fails, and at its end.
    pub(super) fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.codec.room(&self.received) == 0 {
            return Poll::Pending;
        }
        let Some(stream) = &mut self.stream else { return Poll::Pending };
        let offered = self.received.make_room(self.codec.body());
        let read = ready!(pin!(stream.read_buf(&mut *self.received)).poll(cx))?;
        self.received.note_read(read, offered);
        Poll::Ready(if read > 0 { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) })
    }

    /// Whether a 100 has to be written before the client sends the body.
    pub(super) fn awaits_continue(&self) -> bool {
        self.codec.awaits_continue(&self.received)
    }

    pub(super) fn send_interim(&mut self, status: StatusCode, headers: &HeaderMap) -> Result<(), Unsendable> {
        self.codec.send_interim(status, headers, self.case, self.out.bytes())
    }

    pub(super) fn close_after(&mut self) {
        self.codec.close_after();
    }

    pub(super) fn send_head(&mut self, head: ResponseHead<'_>, body: BodySize) -> Result<(), Unsendable> {
        let now = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default().as_secs();
        self.codec.send_head(head, body, Some(self.date.at(now)), self.case, self.out.bytes())
    }

    /// Frames a piece of the response's body. It is none if it was copied.
    pub(super) fn frame<D: Buf>(
        &mut self,
        mut data: D,
        place: Place,
    ) -> Result<Option<Framed<D>>, Unsendable> {
        let end = match place {
            Place::Within => self.codec.send_data(data.remaining(), self.out.bytes())?,
            Place::Last => self.codec.send_last_data(data.remaining(), self.out.bytes())?,
        };
        if data.remaining() >= COPIED {
            return Ok(Some(Framed::new(data, end)));
        }
        while data.has_remaining() {
            let chunk = data.chunk();
            self.out.bytes().extend_from_slice(chunk);
            data.advance(chunk.len());
        }
        self.out.bytes().extend_from_slice(end);
        Ok(None)
    }

    pub(super) fn send_end(&mut self) -> Result<(), Unsendable> {
        self.codec.send_end(self.out.bytes())
    }

    pub(super) fn send_trailers(&mut self, trailers: &HeaderMap) -> Result<(), Unsendable> {
        self.codec.send_trailers(trailers, self.out.bytes())
    }

    /// Writes what is pending: encoded bytes, and then `piece`, which is none once it has been written.
    pub(super) fn poll_write(
        &mut self,
        piece: &mut Option<Framed<impl Buf>>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        let Some(stream) = &mut self.stream else { return Poll::Ready(Ok(())) };
        loop {
            let stream = Pin::new(&mut *stream);
            let written = match piece {
                None if self.out.is_empty() => return stream.poll_flush(cx),
                None => ready!(stream.poll_write(cx, self.out.left()))?,
                Some(piece) => match &*self.out.slices_with(piece) {
                    // send(2) is cheaper than writev(2).
                    [only] => ready!(stream.poll_write(cx, only))?,
                    several => ready!(stream.poll_write_vectored(cx, several))?,
                },
            };
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.writes += 1;
            self.out.note_written(written, piece);
        }
    }

    /// Takes out the stream, and the bytes that were received and not used.
    pub(super) fn into_parts(mut self) -> Option<(T, Bytes)> {
        let received = std::mem::take(&mut self.received).into_bytes().freeze();
        Some((self.stream.take()?, received))
    }

    /// Takes out the stream of a connection that is going to be closed in order.
    pub(super) fn into_stream(mut self) -> Option<T> {
        self.stream.take()
    }
}

impl<T: OverSocket> Drop for Wire<T> {
    /// Resets the connection if a response is cut off that ends with its connection. If it were closed in order, the
    /// client would take the response for complete.
    fn drop(&mut self) {
        if let Some(stream) = &self.stream
            && self.codec.is_ended_by_connection()
        {
            // This fails only if the socket is closed already.
            let _ = stream.socket().set_zero_linger();
        }
    }
}
