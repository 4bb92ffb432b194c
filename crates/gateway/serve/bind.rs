//! Opening the listening socket.

use std::io;
use std::net::SocketAddr;

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::TcpListener;

/// Connections that the kernel keeps waiting for us, as far as `net.core.somaxconn` lets it.
const BACKLOG: i32 = 4096;

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
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    // A restart must not wait for the connections of the last run to leave TIME_WAIT.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}
