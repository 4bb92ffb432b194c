//! `Layered`: a connection with TLS or without.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
#[cfg(feature = "tls")]
use tokio_rustls::server::TlsStream;

use super::socket::Socket;
use super::stream::OverSocket;

/// A connection with TLS or without, so that HTTP is compiled once for both.
#[derive(Debug)]
pub(super) enum Layered<T> {
    Plain(T),
    /// In a box, so that a connection without TLS doesn't have the memory of one with it.
    #[cfg(feature = "tls")]
    Tls(Box<TlsStream<T>>),
}

/// Calls the same method on the stream, of whichever kind it is.
macro_rules! either {
    ($stream:expr, $inner:ident => $call:expr) => {
        match $stream {
            Layered::Plain($inner) => $call,
            #[cfg(feature = "tls")]
            Layered::Tls($inner) => $call,
        }
    };
}

impl<T: OverSocket> OverSocket for Layered<T> {
    fn socket(&self) -> &Socket {
        match self {
            Self::Plain(stream) => stream.socket(),
            #[cfg(feature = "tls")]
            Self::Tls(stream) => stream.get_ref().0.socket(),
        }
    }
}

impl<T: OverSocket> AsyncRead for Layered<T> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        either!(self.get_mut(), stream => Pin::new(stream).poll_read(cx, buf))
    }
}

impl<T: OverSocket> AsyncWrite for Layered<T> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        either!(self.get_mut(), stream => Pin::new(stream).poll_write(cx, buf))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        either!(self.get_mut(), stream => Pin::new(stream).poll_write_vectored(cx, bufs))
    }

    fn is_write_vectored(&self) -> bool {
        either!(self, stream => stream.is_write_vectored())
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        either!(self.get_mut(), stream => Pin::new(stream).poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        either!(self.get_mut(), stream => Pin::new(stream).poll_shutdown(cx))
    }
}
