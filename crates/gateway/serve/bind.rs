//! Opens a listening socket.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use socket2::{Domain, Protocol, Socket, TcpKeepalive, Type};
use tokio::net::TcpListener;

/// How many connections may wait in the kernel until they are accepted. `net.core.somaxconn` may lower it.
pub(super) const BACKLOG: i32 = 4096;

/// TCP keep-alive: after how long without data the kernel asks whether the peer is still there, and the time between
/// two such questions.
const KEEP_ALIVE: Duration = Duration::from_secs(60);
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(15);

/// Opens a listening socket on `address`, for [`serve`](super::serve). On `[::]` it also accepts IPv4, if the system is
/// set up so (Linux: `net.ipv6.bindv6only = 0`).
///
/// # Errors
///
/// The system's error, for instance if the address is in use, doesn't belong to this machine, or isn't allowed.
///
/// # Panics
///
/// Outside a tokio runtime with I/O enabled.
pub fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    TcpListener::from_std(listen(socket(address)?, address)?.into())
}

/// Makes a socket for `address`, with the options that its connections inherit.
pub(super) fn socket(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    // Without this, a restarted gateway couldn't listen until the connections of the last one have left TIME_WAIT.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    // By this, a client that vanished in the middle of a long request is noticed.
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
