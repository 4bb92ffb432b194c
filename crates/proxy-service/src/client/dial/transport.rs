//! A connection to an upstream, whatever it runs over.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
#[cfg(unix)]
use tokio::net::UnixStream;
#[cfg(feature = "tls")]
use tokio_rustls::client::TlsStream;

use super::Protocol;

/// A connection on which [`protocol`](Self::protocol) is to be spoken.
pub(crate) struct Transport {
    io: Io,
    protocol: Protocol,
}

enum Io {
    Tcp(TokioIo<TcpStream>),
    #[cfg(unix)]
    Unix(TokioIo<UnixStream>),
    /// Boxed, or the session's kilobyte would be moved about with connections that have none.
    #[cfg(feature = "tls")]
    Tls(Box<TokioIo<TlsStream<TcpStream>>>),
}

impl Transport {
    pub(super) fn tcp(stream: TcpStream, protocol: Protocol) -> Self {
        Self { io: Io::Tcp(TokioIo::new(stream)), protocol }
    }

    #[cfg(unix)]
    pub(super) fn unix(stream: UnixStream, protocol: Protocol) -> Self {
        Self { io: Io::Unix(TokioIo::new(stream)), protocol }
    }

    #[cfg(feature = "tls")]
    pub(super) fn tls(stream: TlsStream<TcpStream>, protocol: Protocol) -> Self {
        Self { io: Io::Tls(Box::new(TokioIo::new(stream))), protocol }
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
        }
    };
}

impl Read for Transport {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        on_stream!(&mut self.io, poll_read(cx, buf))
    }
}

impl Write for Transport {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        on_stream!(&mut self.io, poll_write(cx, buf))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        on_stream!(&mut self.io, poll_flush(cx))
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
        on_stream!(&mut self.io, poll_write_vectored(cx, bufs))
    }
}
