//! One TCP connection.

use std::io;
use std::net::SocketAddr;

use tokio::net::TcpStream;

/// Connects, with `TCP_NODELAY`: a request's last piece must not wait for the ACK of the one before.
///
/// No keep-alive probes: whatever waits for an upstream has a deadline of its own.
pub(super) async fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    if is_connected_to_itself(&stream, address)? {
        return Err(io::ErrorKind::ConnectionRefused.into());
    }
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// A port without a listener, from the range that the system gives out, may be given to the very socket that connects to
/// it: TCP then connects the socket to itself. Nobody is there (Go's `net` looks out for this too).
pub(super) fn is_connected_to_itself(stream: &TcpStream, dialed: SocketAddr) -> io::Result<bool> {
    let local = stream.local_addr()?;
    // The port alone tells nearly always, and saves asking for the peer, whose address may differ from the dialed one
    // (0.0.0.0 is this machine).
    Ok(local.port() == dialed.port() && local == stream.peer_addr()?)
}
