//! One TCP connection.

use std::io;
use std::net::SocketAddr;

use tokio::net::TcpStream;

/// Connects, and sets `TCP_NODELAY`: a request's last piece must not wait for the ACK of the one before.
///
/// TCP keep-alive probes aren't turned on: everything that waits for an upstream has a deadline of its own.
pub(super) async fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    if is_connected_to_itself(&stream, address)? {
        return Err(io::ErrorKind::ConnectionRefused.into());
    }
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Whether the socket is connected to itself. If the dialled port has no listener and is in the range of ports that the
/// system assigns, the system may assign it to the dialling socket. TCP then connects the socket to itself, and there
/// is no upstream. (Go's `net` checks for this too.)
pub(super) fn is_connected_to_itself(stream: &TcpStream, dialed: SocketAddr) -> io::Result<bool> {
    let local = stream.local_addr()?;
    // The ports nearly always differ, which saves asking the system for the peer's address. That is asked for because
    // it may differ from the dialled one (0.0.0.0 is this machine).
    Ok(local.port() == dialed.port() && local == stream.peer_addr()?)
}
