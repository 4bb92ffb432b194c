//! A connection whose last answer is read once more, by a reader that has more room for it.
//!
//! That reader sends a request first, as it must: it goes nowhere, since the upstream has had the real one.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use hyper::rt::{Read, ReadBufCursor, Write};

use super::Transport;

pub(super) struct Replay {
    transport: Transport,
    answer: Bytes,
    request: Request,
}

/// The one that goes nowhere.
enum Request {
    Awaited { reader: Option<Waker> },
    Begun { reader: Option<Waker> },
    Sent,
}

impl Replay {
    pub(super) fn new(transport: Transport, answer: Bytes) -> Self {
        Self { transport, answer, request: Request::Awaited { reader: None } }
    }

    /// The bytes of the request that goes nowhere; none once it has gone there.
    fn swallow(&mut self, bytes: usize) -> Option<usize> {
        match &mut self.request {
            Request::Awaited { reader } | Request::Begun { reader } => {
                self.request = Request::Begun { reader: reader.take() };
                Some(bytes)
            }
            Request::Sent => None,
        }
    }
}

impl Read for Replay {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut buf: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        if let Request::Awaited { reader } | Request::Begun { reader } = &mut self.request {
            *reader = Some(cx.waker().clone());
            return Poll::Pending;
        }
        if self.answer.is_empty() {
            return Pin::new(&mut self.transport).poll_read(cx, buf);
        }
        let fits = self.answer.len().min(buf.remaining());
        buf.put_slice(&self.answer.split_to(fits));
        Poll::Ready(Ok(()))
    }
}

impl Write for Replay {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match self.swallow(buf.len()) {
            Some(bytes) => Poll::Ready(Ok(bytes)),
            None => Pin::new(&mut self.transport).poll_write(cx, buf),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let Request::Begun { reader } = &mut self.request {
            if let Some(reader) = reader.take() {
                reader.wake();
            }
            self.request = Request::Sent;
        }
        Pin::new(&mut self.transport).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.transport).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.transport.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.swallow(bufs.iter().map(|buf| buf.len()).sum()) {
            Some(bytes) => Poll::Ready(Ok(bytes)),
            None => Pin::new(&mut self.transport).poll_write_vectored(cx, bufs),
        }
    }
}
