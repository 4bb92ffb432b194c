//! One connection to a Unix socket.

use std::io;
use std::path::Path;

use tokio::net::UnixStream;

/// Connects to the socket at `path`.
pub(super) async fn connect(path: &Path) -> io::Result<UnixStream> {
    UnixStream::connect(path).await.map_err(refused_if_full)
}

/// Turns the error for a full backlog into a refused connection. On Linux, a connection doesn't wait until the
/// listener's backlog has room: connecting fails at once with `EAGAIN`.
fn refused_if_full(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::WouldBlock => io::ErrorKind::ConnectionRefused.into(),
        _ => error,
    }
}
