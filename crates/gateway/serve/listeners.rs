//! `Listeners`: one address, with a listening socket for each worker.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::num::NonZeroUsize;

use socket2::Socket;

use super::bind::{listen, socket};

/// Listening sockets on one address, one for each worker.
///
/// On Linux they share the address by `SO_REUSEPORT`: the kernel spreads connections over them by a hash of both
/// addresses. On other systems they are one socket, and each connection goes to the worker that accepts it first.
///
/// With `SO_REUSEPORT` alone, a second gateway could listen on the same address, and would silently get a share of the
/// connections. So the first socket begins to listen without that option, which fails if any other socket listens
/// there. Only afterwards it sets the option, and the other workers' sockets are opened. A second gateway fails to
/// start at any time, even if both start at once. Another program of the same user can still join, if it sets
/// `SO_REUSEPORT` itself while several workers run. With one worker the option is never set.
#[derive(Debug)]
pub struct Listeners {
    pub(super) first: TcpListener,
    pub(super) others: Vec<TcpListener>,
    address: SocketAddr,
}

impl Listeners {
    /// Opens the listening sockets on `address` for so many workers. With port 0, the system picks one free port for
    /// all.
    ///
    /// # Errors
    ///
    /// The system's error, for instance if the address is in use, doesn't belong to this machine, or isn't allowed.
    pub fn bind(address: SocketAddr, workers: NonZeroUsize) -> io::Result<Self> {
        let first = listen(socket(address)?, address)?;
        let address = local_addr(&first)?;
        let others = (1..workers.get()).map(|_| beside(&first, address).map(TcpListener::from));
        let others = others.collect::<io::Result<_>>()?;
        Ok(Self { first: first.into(), others, address })
    }

    /// The address that they listen on, with its real port.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }
}

fn local_addr(socket: &Socket) -> io::Result<SocketAddr> {
    let address = socket.local_addr()?.as_socket();
    address.ok_or_else(|| io::Error::other("a TCP socket has an IP address"))
}

#[cfg(target_os = "linux")]
fn beside(first: &Socket, address: SocketAddr) -> io::Result<Socket> {
    first.set_reuse_port(true)?;
    let another = socket(address)?;
    another.set_reuse_port(true)?;
    listen(another, address)
}

#[cfg(not(target_os = "linux"))]
fn beside(first: &Socket, _: SocketAddr) -> io::Result<Socket> {
    first.try_clone()
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use super::*;

    fn on(address: &str, workers: usize) -> io::Result<Listeners> {
        Listeners::bind(address.parse().unwrap(), NonZeroUsize::new(workers).unwrap())
    }

    #[test]
    fn port_0_is_one_port() {
        for address in ["127.0.0.1:0", "[::1]:0"] {
            let Ok(listeners) = on(address, 3) else {
                assert_eq!(address, "[::1]:0", "only IPv6 may be missing");
                continue;
            };
            assert_ne!(listeners.local_addr().port(), 0);
            let all: Vec<_> = std::iter::once(&listeners.first).chain(&listeners.others).collect();
            assert_eq!(all.len(), 3);
            assert!(all.iter().all(|one| one.local_addr().unwrap() == listeners.local_addr()));
        }
    }

    #[test]
    fn a_second_gateway_is_refused() {
        for (workers, seconds) in [(1, 1), (1, 2), (2, 1), (2, 2), (4, 2)] {
            let first = on("127.0.0.1:0", workers).unwrap();
            let second = on(&first.local_addr().to_string(), seconds);
            let refused = second.map(|_| "let in").map_err(|error| error.kind());
            assert_eq!(refused, Err(ErrorKind::AddrInUse), "{workers} and {seconds} workers");
        }
    }

    /// If several gateways start at the same moment, at most one of them listens.
    #[test]
    fn of_many_at_once_at_most_one_is_let_in() {
        let mut let_in = 0;
        for _ in 0..20 {
            let address = on("127.0.0.1:0", 1).unwrap().local_addr().to_string();
            let start = std::sync::Barrier::new(4);
            let listening = std::thread::scope(|threads| {
                let attempt = || {
                    start.wait();
                    on(&address, 2).ok()
                };
                let attempts: Vec<_> = (0..4).map(|_| threads.spawn(attempt)).collect();
                attempts.into_iter().filter_map(|attempt| attempt.join().unwrap()).collect::<Vec<_>>()
            });
            assert!(listening.len() <= 1, "{listening:?}");
            let_in += listening.len();
        }
        assert_ne!(let_in, 0);
    }

    /// Another program with `SO_REUSEPORT`, such as nginx with `reuseport`, listens already.
    #[cfg(target_os = "linux")]
    #[test]
    fn nobody_is_joined() {
        let there = socket("127.0.0.1:0".parse().unwrap()).unwrap();
        there.set_reuse_port(true).unwrap();
        let there = listen(there, "127.0.0.1:0".parse().unwrap()).unwrap();
        let address = local_addr(&there).unwrap().to_string();
        assert_eq!(on(&address, 2).unwrap_err().kind(), ErrorKind::AddrInUse);
    }
}
