//! The socket that h2 reads from and writes to.

use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use crate::serve::socket::Socket;
use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::time::{Sleep, sleep};

use super::activity::Activity;
use super::chatter::Chatter;
use crate::serve::sniff::PREFACE;
use crate::serve::stream::OverSocket;

/// A connection for h2, with some additions. The bytes with which it was recognized are read first. It fails if the
/// client uses up its budget of frames, or doesn't read for too long. When it is dropped, its place among the
/// connections is free again.
#[derive(Debug)]
pub(super) struct Io<T> {
    stream: T,
    /// What was read to recognize the protocol, and has to be read again.
    opening: Bytes,
    chatter: Chatter,
    activity: Arc<Activity>,
    write_stall: Duration,
    stalled: Option<Pin<Box<Sleep>>>,
    finished: bool,
}

impl<T: OverSocket> Io<T> {
    /// `opening` is the client's preface, and what came with it.
    pub(super) fn new(stream: T, opening: Bytes, activity: Arc<Activity>, write_stall: Duration) -> Self {
        let mut chatter = Chatter::new();
        // It is too short to use up the budget.
        let _ = chatter.receive(opening.get(PREFACE.len()..).unwrap_or_default(), 0);
        Self { stream, opening, chatter, activity, write_stall, stalled: None, finished: false }
    }

    /// The socket, if everything was written and our direction of the connection was closed.
    pub(super) fn finished(&self) -> Option<&Socket> {
        self.finished.then(|| self.stream.socket())
    }

    /// Ends a connection whose client has used up its budget of frames: with a GOAWAY if it can still be written, and
    /// then by closing our direction. `None` for every other connection.
    pub(super) async fn goaway(&mut self) -> Option<&Socket> {
        let goaway = self.chatter.goaway()?;
        // If the socket's buffer is full, the client doesn't read, and would not read the GOAWAY either.
        poll_fn(|cx| {
            let _full_or_broken = Pin::new(&mut self.stream).poll_write(cx, &goaway);
            Poll::Ready(())
        })
        .await;
        self.stream.shutdown().await.ok()?;
        Some(self.stream.socket())
    }

    fn written<'a>(
        &mut self,
        cx: &mut Context<'_>,
        outcome: Poll<io::Result<usize>>,
        bufs: impl IntoIterator<Item = &'a [u8]>,
    ) -> Poll<io::Result<usize>> {
        if let Poll::Ready(Ok(count)) = outcome {
            self.chatter.send(bufs, count);
        }
        self.in_time(cx, outcome)
    }

    /// Fails if nothing could be written or flushed for too long.
    fn in_time<R>(&mut self, cx: &mut Context<'_>, outcome: Poll<io::Result<R>>) -> Poll<io::Result<R>> {
        if outcome.is_ready() {
            self.stalled = None;
            return outcome;
        }
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(self.write_stall)));
        ready!(stalled.as_mut().poll(cx));
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the peer does not read")))
    }
}

impl<T: OverSocket> AsyncRead for Io<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.opening.is_empty() {
            let fits = self.opening.len().min(buf.remaining());
            buf.put_slice(&self.opening.split_to(fits));
            return Poll::Ready(Ok(()));
        }
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buf))?;
        let received = buf.filled().get(before..).unwrap_or_default();
        self.activity.bytes_received();
        let requests = self.activity.requests();
        Poll::Ready(self.chatter.receive(received, requests).map_err(io::Error::other))
    }
}

impl<T: OverSocket> AsyncWrite for Io<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.written(cx, outcome, [buf])
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
        self.written(cx, outcome, bufs.iter().map(|buf| &**buf))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // Below it, TLS may have a buffer of its own.
        let outcome = Pin::new(&mut self.stream).poll_flush(cx);
        self.in_time(cx, outcome)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.stream).poll_shutdown(cx))?;
        self.finished = true;
        Poll::Ready(Ok(()))
    }
}
