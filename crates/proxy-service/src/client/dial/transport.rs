//! A connection to an upstream, whatever it runs over.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use hyper::rt::{Read, ReadBuf, ReadBufCursor, Write};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
#[cfg(unix)]
use tokio::net::UnixStream;
#[cfg(feature = "tls")]
use tokio_rustls::client::TlsStream;

use super::Protocol;
use super::failed_write::FailedWrite;
use super::replay::Replay;

/// A connection on which [`protocol`](Self::protocol) is to be spoken.
pub(crate) struct Transport {
    io: Io,
    protocol: Protocol,
    failed_write: Option<Box<FailedWrite>>,
}

enum Io {
    Tcp(TokioIo<TcpStream>),
    #[cfg(unix)]
    Unix(TokioIo<UnixStream>),
    /// Boxed, or the session's kilobyte would be moved about with connections that have none.
    #[cfg(feature = "tls")]
    Tls(Box<TokioIo<TlsStream<TcpStream>>>),
    Replay(Box<Replay>),
}

impl Transport {
    pub(super) fn tcp(stream: TcpStream, protocol: Protocol) -> Self {
        Self::over(Io::Tcp(TokioIo::new(stream)), protocol)
    }

    #[cfg(unix)]
    pub(super) fn unix(stream: UnixStream, protocol: Protocol) -> Self {
        Self::over(Io::Unix(TokioIo::new(stream)), protocol)
    }

    #[cfg(feature = "tls")]
    pub(super) fn tls(stream: TlsStream<TcpStream>, protocol: Protocol) -> Self {
        Self::over(Io::Tls(Box::new(TokioIo::new(stream))), protocol)
    }

    fn over(io: Io, protocol: Protocol) -> Self {
        Self { io, protocol, failed_write: None }
    }

    /// The same, on which these bytes of an answer come once more, to the next request that is sent.
    pub(crate) fn replaying(self, answer: Bytes) -> Self {
        let protocol = self.protocol;
        Self::over(Io::Replay(Box::new(Replay::new(self, answer))), protocol)
    }

    /// What ALPN agreed on, or what prior knowledge says.
    pub(crate) fn protocol(&self) -> Protocol {
        self.protocol
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let over = match &self.io {
            Io::Tcp(_) => "tcp",
            #[cfg(unix)]
            Io::Unix(_) => "unix",
            #[cfg(feature = "tls")]
            Io::Tls(_) => "tls",
            Io::Replay(_) => "an answer that is read once more",
        };
        write!(f, "Transport({:?} over {over})", self.protocol)
    }
}

/// Calls the same method on whichever stream it is.
macro_rules! on_stream {
    ($io:expr, $method:ident($($argument:expr),*)) => {
        match $io {
            Io::Tcp(stream) => Pin::new(stream).$method($($argument),*),
            #[cfg(unix)]
            Io::Unix(stream) => Pin::new(stream).$method($($argument),*),
            #[cfg(feature = "tls")]
            Io::Tls(stream) => Pin::new(stream).$method($($argument),*),
            Io::Replay(stream) => Pin::new(stream).$method($($argument),*),
        }
    };
}

impl Transport {
    /// What hyper is to know of a write.
    #[inline]
    fn written<T>(&mut self, cx: &mut Context<'_>, outcome: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        match outcome {
            Poll::Ready(Err(error)) => self.write_failed(cx, error),
            outcome => outcome,
        }
    }

    #[cold]
    fn write_failed<T>(&mut self, cx: &mut Context<'_>, error: io::Error) -> Poll<io::Result<T>> {
        let failed = self.failed_write.insert(Box::new(FailedWrite::catch(error)?));
        // What the upstream has said may be here already.
        cx.waker().wake_by_ref();
        failed.poll(cx)
    }

    /// Through a buffer of our own, as only that says how much came.
    #[cold]
    fn poll_read_after_failure(
        &mut self,
        cx: &mut Context<'_>,
        mut buf: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let mut room = [0; 4096];
        let wanted = room.len().min(buf.remaining());
        let mut received = ReadBuf::new(room.split_at_mut(wanted).0);
        ready!(on_stream!(&mut self.io, poll_read(cx, received.unfilled())))?;
        buf.put_slice(received.filled());
        let noted = self.failed_write.as_mut().map(|failed| failed.note_read(received.filled().len()));
        Poll::Ready(noted.unwrap_or(Ok(())))
    }
}

impl Read for Transport {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        if self.failed_write.is_some() {
            return self.poll_read_after_failure(cx, buf);
        }
        on_stream!(&mut self.io, poll_read(cx, buf))
    }
}

impl Write for Transport {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        if let Some(failed) = &mut self.failed_write {
            return failed.poll(cx);
        }
        let outcome = on_stream!(&mut self.io, poll_write(cx, buf));
        self.written(cx, outcome)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let Some(failed) = &mut self.failed_write {
            return failed.poll(cx);
        }
        let outcome = on_stream!(&mut self.io, poll_flush(cx));
        self.written(cx, outcome)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        on_stream!(&mut self.io, poll_shutdown(cx))
    }

    fn is_write_vectored(&self) -> bool {
        on_stream!(&self.io, is_write_vectored())
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if let Some(failed) = &mut self.failed_write {
            return failed.poll(cx);
        }
        let outcome = on_stream!(&mut self.io, poll_write_vectored(cx, bufs));
        self.written(cx, outcome)
    }
}
