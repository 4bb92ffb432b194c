//! One connection to a Unix socket.

use std::io;
use std::path::Path;

use tokio::net::UnixStream;

/// Connects to the socket in this file.
pub(super) async fn connect(path: &Path) -> io::Result<UnixStream> {
    UnixStream::connect(path).await.map_err(refused_if_full)
}

/// Linux doesn't let a connection wait for room in the listener's backlog, but says so at once, by `EAGAIN`.
fn refused_if_full(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::WouldBlock => io::ErrorKind::ConnectionRefused.into(),
        _ => error,
    }
}
