//! Opening the listening socket.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use socket2::{Domain, Protocol, Socket, TcpKeepalive, Type};
use tokio::net::TcpListener;

/// Connections that the kernel keeps waiting for us, as far as `net.core.somaxconn` lets it.
const BACKLOG: i32 = 4096;

/// Silence before the kernel asks whether the peer is still there, and between its questions.
const KEEP_ALIVE: Duration = Duration::from_secs(60);
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(15);

/// Listens on `address`. `[::]` takes IPv4 as well where the system is set up so (Linux: `net.ipv6.bindv6only = 0`).
///
/// # Errors
///
/// What the system says: the address is taken, not ours, or not allowed.
///
/// # Panics
///
/// Outside a tokio runtime with I/O enabled.
pub fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    TcpListener::from_std(listen(socket(address)?, address)?.into())
}

/// A socket for `address`, with the options that its connections inherit.
pub(super) fn socket(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    // A restart must not wait for the connections of the last run to leave TIME_WAIT.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    // A client that vanished in the middle of a long request is noticed.
    socket
        .set_tcp_keepalive(&TcpKeepalive::new().with_time(KEEP_ALIVE).with_interval(KEEP_ALIVE_INTERVAL))?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

pub(super) fn listen(socket: Socket, address: SocketAddr) -> io::Result<Socket> {
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket)
}
