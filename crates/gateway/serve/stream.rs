//! `OverSocket`: the bytes of a connection, in both directions, and the socket that carries them. `Counted`: a
//! connection that counts against the limit for as long as it is open.

use std::io;
use std::pin::pin;
use std::task::{Context, Poll, ready};

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite};

use super::accept::Permit;
use super::passes_io_on::passes_io_on;
use super::socket::Socket;
use crate::observe::metrics::OpenConnection;

/// A client's connection: a socket itself, or a layer above one, such as TLS.
pub(super) trait OverSocket: AsyncRead + AsyncWrite + Send + Unpin + 'static {
    /// The socket below, for what only a socket can do: a reset, and the wait for the client's end. Reading from it or
    /// writing to it would destroy the layers above, so that is done only when they are finished.
    fn socket(&self) -> &Socket;
}

impl OverSocket for Socket {
    fn socket(&self) -> &Socket {
        self
    }
}

/// Room for what most clients send first, so that a whole request is received by one read.
const FIRST_READ: usize = 8 * 1024;

/// Reads into a new buffer. It exists only while there is something to read, so that a silent connection has none. At the
/// stream's end it is empty.
pub(super) fn poll_read_new(
    stream: &mut (impl AsyncRead + Unpin),
    cx: &mut Context<'_>,
) -> Poll<io::Result<BytesMut>> {
    let mut received = BytesMut::with_capacity(FIRST_READ);
    ready!(pin!(stream.read_buf(&mut received)).poll(cx))?;
    Poll::Ready(Ok(received))
}

/// A connection with its place among those that may be open. Whoever has the connection in the end, such as a tunnel,
/// has the place too.
#[derive(Debug)]
pub(super) struct Counted<T> {
    stream: T,
    _permit: Permit,
    _open: OpenConnection,
}

impl<T> Counted<T> {
    pub(super) fn new(stream: T, permit: Permit, open: OpenConnection) -> Self {
        Self { stream, _permit: permit, _open: open }
    }
}

impl<T: OverSocket> OverSocket for Counted<T> {
    fn socket(&self) -> &Socket {
        self.stream.socket()
    }
}

/// Makes a call on the stream of a [`Counted`].
macro_rules! within {
    ($counted:expr, $stream:ident => $call:expr) => {{
        let Counted { stream: $stream, .. } = $counted;
        $call
    }};
}

passes_io_on!(impl[T: OverSocket] for Counted<T>, by within);
