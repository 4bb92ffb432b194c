//! `OverTcp`: the bytes of a connection, in both directions, and the TCP socket that carries them.

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

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
