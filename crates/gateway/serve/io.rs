//! The socket that hyper reads HTTP/1 from and writes it to.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};

use super::accept::Permit;
use super::activity::Activity;
use super::framing::Framing;

/// How long to wait before a connection is reset, so that the client receives what was written before.
const BEFORE_RESET: Duration = Duration::from_millis(500);

/// A TCP connection for hyper, with some additions. Bytes that were put back are read first. It reports what it
/// receives to `Activity`. It fails if the client doesn't read for too long. It stays open while it is parked. When it
/// is dropped, its place among the connections is free again.
#[derive(Debug)]
pub(super) struct Io {
    stream: TcpStream,
    /// Bytes that were received and reported, and have to be read again.
    put_back: Bytes,
    framing: Framing,
    activity: Arc<Activity>,
    write_stall: Duration,
    stalled: Option<Pin<Box<Sleep>>>,
    finished: bool,
    _permit: Permit,
}

impl Io {
    pub(super) fn new(
        stream: TcpStream,
        opening: Bytes,
        activity: Arc<Activity>,
        write_stall: Duration,
        permit: Permit,
    ) -> Self {
        activity.bytes_received();
        let mut framing = Framing::default();
        follow(&mut framing, &opening, &activity);
        Self {
            stream,
            put_back: opening,
            framing,
            activity,
            write_stall,
            stalled: None,
            finished: false,
            _permit: permit,
        }
    }

    /// Ends the connection after a response that was cut off. The client must not take it for complete, and must be
    /// able to read what was sent of it.
    pub(super) async fn break_off(&mut self) {
        if self.activity.is_answer_ended_by_connection() {
            // The connection is going to be reset, and the reset discards bytes that the client doesn't have yet.
            sleep(BEFORE_RESET).await;
        } else {
            // The end of our direction doesn't complete this response. Unlike a reset it comes after all bytes that
            // were written. It fails only if the socket is closed already.
            self.finished = self.stream.shutdown().await.is_ok();
        }
    }

    /// Puts bytes back that hyper has received and not used, so that they are read again. They are copied, so that
    /// hyper's whole buffer is freed.
    pub(super) fn put_back(&mut self, unread: &[u8]) {
        self.put_back = Bytes::copy_from_slice(unread);
    }

    /// Waits for the next bytes from the client. Returns `false` if it has closed the connection.
    pub(super) async fn spoken_to(&self) -> bool {
        self.stream.peek(&mut [0]).await.is_ok_and(|bytes| bytes > 0)
    }

    /// The socket, if everything was written and our direction of the connection was closed.
    pub(super) fn finished(&self) -> Option<&TcpStream> {
        self.finished.then_some(&self.stream)
    }

    fn received(&mut self, bytes: &[u8]) {
        self.activity.bytes_received();
        follow(&mut self.framing, bytes, &self.activity);
    }

    fn written(&mut self, cx: &mut Context<'_>, outcome: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        self.activity.write_blocked(outcome.is_pending());
        if let Poll::Ready(outcome) = outcome {
            self.stalled = None;
            return Poll::Ready(outcome);
        }
        if self.activity.is_upgraded() {
            return Poll::Pending;
        }
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(self.write_stall)));
        ready!(stalled.as_mut().poll(cx));
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the peer does not read")))
    }
}

fn follow(framing: &mut Framing, bytes: &[u8], activity: &Activity) {
    if activity.is_upgraded() {
        return;
    }
    if let Some(ambiguous) = framing.follow(bytes) {
        activity.requests.head_is_ambiguous(ambiguous);
    }
    activity.requests.received_whole(framing.requests_received());
}

impl AsyncRead for Io {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.put_back.is_empty() {
            let fits = self.put_back.len().min(buf.remaining());
            buf.put_slice(&self.put_back.split_to(fits));
            return Poll::Ready(Ok(()));
        }
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buf))?;
        let received = buf.filled().get(before..).unwrap_or_default();
        if received.is_empty() {
            return Poll::Ready(Ok(()));
        }
        self.received(received);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Io {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.written(cx, outcome)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let stream = Pin::new(&mut self.stream);
        let outcome = match bufs {
            // send(2) is cheaper than writev(2).
            [only] => stream.poll_write(cx, only),
            several => stream.poll_write_vectored(cx, several),
        };
        self.written(cx, outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.stream).poll_flush(cx))?;
        if self.activity.flush.flushed() {
            cx.waker().wake_by_ref();
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.activity.is_parked() {
            return Poll::Ready(Ok(()));
        }
        ready!(Pin::new(&mut self.stream).poll_shutdown(cx))?;
        self.finished = true;
        Poll::Ready(Ok(()))
    }
}

impl Drop for Io {
    /// Resets the connection if a response is cut off that ends with its connection. If it were closed in order, the
    /// client would take the response for complete.
    fn drop(&mut self) {
        if !self.finished && self.activity.is_answer_ended_by_connection() {
            // This fails only if the socket is closed already.
            let _ = self.stream.set_zero_linger();
        }
    }
}
