//! A connection to an upstream, over TCP, a Unix socket or TLS.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
#[cfg(unix)]
use tokio::net::UnixStream;
#[cfg(feature = "tls")]
use tokio_rustls::client::TlsStream;

use super::failed_write::FailedWrite;
use super::own::ByteStream;
use super::protocol::Protocol;

/// A connection to an upstream, on which [`protocol`](Self::protocol) is spoken.
pub(crate) struct Transport {
    io: Io,
    protocol: Protocol,
    failed_write: Option<Box<FailedWrite>>,
}

enum Io {
    Tcp(TcpStream),
    #[cfg(unix)]
    Unix(UnixStream),
    /// Boxed: a TLS session takes about a kilobyte, which would be moved around with connections without TLS too.
    #[cfg(feature = "tls")]
    Tls(Box<TlsStream<TcpStream>>),
    Own(Box<dyn ByteStream>),
}

impl Transport {
    pub(super) fn tcp(stream: TcpStream, protocol: Protocol) -> Self {
        Self::over(Io::Tcp(stream), protocol)
    }

    #[cfg(unix)]
    pub(super) fn unix(stream: UnixStream, protocol: Protocol) -> Self {
        Self::over(Io::Unix(stream), protocol)
    }

    #[cfg(feature = "tls")]
    pub(super) fn tls(stream: TlsStream<TcpStream>, protocol: Protocol) -> Self {
        Self::over(Io::Tls(Box::new(stream)), protocol)
    }

    pub(super) fn own(stream: Box<dyn ByteStream>, protocol: Protocol) -> Self {
        Self::over(Io::Own(stream), protocol)
    }

    fn over(io: Io, protocol: Protocol) -> Self {
        Self { io, protocol, failed_write: None }
    }

    pub(crate) fn is_encrypted(&self) -> bool {
        match self.io {
            Io::Tcp(_) | Io::Own(_) => false,
            #[cfg(unix)]
            Io::Unix(_) => false,
            #[cfg(feature = "tls")]
            Io::Tls(_) => true,
        }
    }

    /// The version of HTTP that ALPN has chosen. Without TLS, the one that the options say.
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
            Io::Own(_) => "a stream of the program's own",
        };
        write!(f, "Transport({:?} over {over})", self.protocol)
    }
}

/// Calls a method on the stream, of whichever kind it is.
macro_rules! on_stream {
    ($io:expr, $method:ident($($argument:expr),*)) => {
        match $io {
            Io::Tcp(stream) => Pin::new(stream).$method($($argument),*),
            #[cfg(unix)]
            Io::Unix(stream) => Pin::new(stream).$method($($argument),*),
            #[cfg(feature = "tls")]
            Io::Tls(stream) => Pin::new(stream).$method($($argument),*),
            Io::Own(stream) => Pin::new(stream).$method($($argument),*),
        }
    };
}

impl Transport {
    /// The outcome of a write as its caller gets it: some errors are held back.
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
        // What the upstream has sent may have arrived already: the task is woken to read it.
        cx.waker().wake_by_ref();
        failed.poll(cx)
    }
}

impl AsyncRead for Transport {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(on_stream!(&mut self.io, poll_read(cx, buf)))?;
        let noted = self.failed_write.as_mut().map(|failed| failed.note_read(buf.filled().len() - before));
        Poll::Ready(noted.unwrap_or(Ok(())))
    }
}

impl AsyncWrite for Transport {
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
