//! Addresses that can't be connected to, each for as long as its value lives.

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr};

use socket2::{Domain, Socket, Type};

/// No socket listens here, and none can: every connection is refused.
pub struct Refusing {
    _bound: Socket,
    pub addr: SocketAddr,
}

impl Refusing {
    pub fn new() -> Self {
        let bound = bound();
        let addr = bound.local_addr().unwrap().as_socket().unwrap();
        Self { _bound: bound, addr }
    }
}

/// A listener that accepts nothing and whose backlog is full: Linux drops every further SYN, as a firewall would.
pub struct Deaf {
    _listener: Socket,
    _backlog: Vec<Socket>,
    pub addr: SocketAddr,
}

impl Deaf {
    pub fn new() -> Self {
        let listener = bound();
        listener.listen(0).unwrap();
        let addr = listener.local_addr().unwrap().as_socket().unwrap();
        Self { _listener: listener, _backlog: (0..4).map(|_| connecting(addr)).collect(), addr }
    }
}

fn bound() -> Socket {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into()).unwrap();
    socket
}

fn connecting(addr: SocketAddr) -> Socket {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.set_nonblocking(true).unwrap();
    match socket.connect(&addr.into()) {
        Ok(()) => socket,
        Err(error) if is_under_way(&error) => socket,
        Err(error) => panic!("connect {addr}: {error}"),
    }
}

fn is_under_way(error: &io::Error) -> bool {
    const EINPROGRESS: i32 = 115;
    error.kind() == ErrorKind::WouldBlock || error.raw_os_error() == Some(EINPROGRESS)
}
