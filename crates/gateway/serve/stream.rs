//! `OverTcp`: the bytes of a connection, in both directions, and the TCP socket that carries them. `Counted`: a
//! connection that counts against the limit for as long as it is open.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::accept::Permit;

/// A client's connection: a TCP connection itself, or a layer above one, such as TLS.
pub(super) trait OverTcp: AsyncRead + AsyncWrite + Send + Unpin + 'static {
    /// The socket below, for what only TCP can do: a reset, and the wait for the client's end. Reading from it or
    /// writing to it would destroy the layers above, so that is done only when they are finished.
    fn tcp(&self) -> &TcpStream;
}

impl OverTcp for TcpStream {
    fn tcp(&self) -> &TcpStream {
        self
    }
}

/// A connection with its place among those that may be open. Whoever has the connection in the end, such as a tunnel,
/// has the place too.
#[derive(Debug)]
pub(super) struct Counted<T> {
    stream: T,
    _permit: Permit,
}

impl<T> Counted<T> {
    pub(super) fn new(stream: T, permit: Permit) -> Self {
        Self { stream, _permit: permit }
    }
}

impl<T: OverTcp> OverTcp for Counted<T> {
    fn tcp(&self) -> &TcpStream {
        self.stream.tcp()
    }
}

impl<T: OverTcp> AsyncRead for Counted<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl<T: OverTcp> AsyncWrite for Counted<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
