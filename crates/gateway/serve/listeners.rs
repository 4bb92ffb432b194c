//! One address, and a listening socket on it for each worker.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::num::NonZeroUsize;

use socket2::Socket;

use super::bind::{listen, socket};

/// Listening sockets on one address, one a worker.
///
/// On Linux they share it by `SO_REUSEPORT`: the kernel spreads connections over them by a hash of both ends'
/// addresses. Elsewhere they are one socket, and its connections go to whoever is first.
///
/// `SO_REUSEPORT` alone would let a second gateway in, which would take a share of the first one's connections without a
/// word. So the first socket listens without it, which only one can and nobody who listens already allows; it opens
/// the address to the others afterwards. A second gateway is refused at any moment, however close they start. What no
/// order of calls keeps out is another program *of the same user* that asks for `SO_REUSEPORT` itself, while several
/// workers run; `workers = 1` does not use it.
#[derive(Debug)]
pub struct Listeners {
    pub(super) first: TcpListener,
    pub(super) others: Vec<TcpListener>,
    address: SocketAddr,
}

impl Listeners {
    /// Listens on `address` for so many workers. Port 0 is one free port for all of them.
    ///
    /// # Errors
    ///
    /// What the system says: the address is taken, not ours, or not allowed.
    pub fn bind(address: SocketAddr, workers: NonZeroUsize) -> io::Result<Self> {
        let first = listen(socket(address)?, address)?;
        let address = local_addr(&first)?;
        let others = (1..workers.get()).map(|_| beside(&first, address).map(TcpListener::from));
        let others = others.collect::<io::Result<_>>()?;
        Ok(Self { first: first.into(), others, address })
    }

    /// Where they listen.
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

    /// As when two gateways start at the same moment: one of them listens, or none.
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

    /// nginx's `reuseport`, or whatever else asks for it, is there already.
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
