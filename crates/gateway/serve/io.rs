//! The socket, as hyper sees it.

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
use super::chatter::Chatter;
use super::framing::Framing;
use super::sniff::Protocol;

/// How long what was written may take to the client before a reset follows.
const BEFORE_RESET: Duration = Duration::from_millis(500);

/// A TCP connection that replays what was put back, reports what comes in, gives up on a peer that does not read,
/// stays open while it is parked, and frees its place among the connections when it is closed, by whoever holds it then.
#[derive(Debug)]
pub(super) struct Io {
    stream: TcpStream,
    /// Came in and was reported, but is to be read again.
    put_back: Bytes,
    following: Following,
    activity: Arc<Activity>,
    write_stall: Duration,
    stalled: Option<Pin<Box<Sleep>>>,
    finished: bool,
    _permit: Permit,
}

/// What is followed of the bytes that go by.
#[derive(Debug)]
enum Following {
    Http1(Framing),
    Http2(Chatter),
}

impl Io {
    pub(super) fn new(
        stream: TcpStream,
        (protocol, opening): (Protocol, Bytes),
        activity: Arc<Activity>,
        write_stall: Duration,
        permit: Permit,
    ) -> Self {
        activity.bytes_received();
        let following = match protocol {
            Protocol::Http1 => {
                let mut framing = Framing::default();
                follow_http1(&mut framing, &opening, &activity);
                Following::Http1(framing)
            }
            Protocol::Http2 => Following::Http2(Chatter::new()),
        };
        Self {
            stream,
            put_back: opening,
            following,
            activity,
            write_stall,
            stalled: None,
            finished: false,
            _permit: permit,
        }
    }

    /// Ends an answer that was cut, so that nobody takes it for whole and what came of it can be read.
    pub(super) async fn break_off(&mut self) {
        if self.activity.is_answer_ended_by_connection() {
            // The reset that is due throws away what isn't on the client's side yet.
            sleep(BEFORE_RESET).await;
        } else {
            // Fails only on a dead socket. Our end of the stream is none of the answer, unlike a reset it overtakes nothing.
            self.finished = self.stream.shutdown().await.is_ok();
        }
    }

    /// Has bytes read again that nobody has made anything of. A copy, for they lie in a whole buffer.
    pub(super) fn put_back(&mut self, unread: &[u8]) {
        self.put_back = Bytes::copy_from_slice(unread);
    }

    /// Waits for the peer's next bytes; `false` when it has left instead.
    pub(super) async fn spoken_to(&self) -> bool {
        self.stream.peek(&mut [0]).await.is_ok_and(|bytes| bytes > 0)
    }

    /// The socket, if everything that was to be written is out and followed by our end of the stream.
    pub(super) fn finished(&self) -> Option<&TcpStream> {
        self.finished.then_some(&self.stream)
    }

    /// Ends an HTTP/2 connection whose client talks too much with a GOAWAY, where one can still be made out, and our end
    /// of the stream; `None` for every other connection.
    pub(super) async fn goaway(&mut self) -> Option<&TcpStream> {
        let Following::Http2(chatter) = &self.following else { return None };
        let goaway = chatter.goaway()?;
        // A full socket means that the client doesn't read, so it would not read this either.
        let _ = self.stream.try_write(&goaway);
        self.stream.shutdown().await.ok()?;
        Some(&self.stream)
    }

    fn received(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.activity.bytes_received();
        match &mut self.following {
            Following::Http1(framing) => follow_http1(framing, bytes, &self.activity),
            Following::Http2(chatter) => {
                chatter.receive(bytes, self.activity.requests()).map_err(io::Error::other)?;
            }
        }
        Ok(())
    }

    fn written<'a>(
        &mut self,
        cx: &mut Context<'_>,
        outcome: Poll<io::Result<usize>>,
        bufs: impl IntoIterator<Item = &'a [u8]>,
    ) -> Poll<io::Result<usize>> {
        self.activity.write_blocked(outcome.is_pending());
        if let Poll::Ready(outcome) = outcome {
            self.stalled = None;
            if let (Following::Http2(chatter), Ok(count)) = (&mut self.following, &outcome) {
                chatter.send(bufs, *count);
            }
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

fn follow_http1(framing: &mut Framing, bytes: &[u8], activity: &Activity) {
    if activity.is_upgraded() {
        return;
    }
    if let Some(ambiguous) = framing.follow(bytes) {
        activity.head_is_ambiguous(ambiguous);
    }
    activity.received_whole(framing.requests_received());
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
        Poll::Ready(self.received(received))
    }
}

impl AsyncWrite for Io {
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
        ready!(Pin::new(&mut self.stream).poll_flush(cx))?;
        if self.activity.flushed() {
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
    /// A cut answer must not look whole: where the end of the connection is the end of the answer, reset it instead.
    fn drop(&mut self) {
        if !self.finished && self.activity.is_answer_ended_by_connection() {
            // Fails only on a dead socket, which ends badly by itself.
            let _ = self.stream.set_zero_linger();
        }
    }
}
