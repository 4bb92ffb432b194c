//! `Listeners`: the listening sockets of a gateway, for each worker one at each address.

use std::num::NonZeroUsize;

use super::bound::{BindError, Bound};
use super::directory::Directory;
use super::handover::Handover;
use super::inherited::Inherited;
use crate::config::{Address, Listen};

/// The listening sockets of a gateway: for each worker, one at each address.
///
/// On Linux the sockets at an IP address share it by `SO_REUSEPORT`: the kernel spreads connections over them by a hash of
/// both addresses. On other systems, and at a Unix socket, they are one socket, and each connection goes to the worker
/// that accepts it first.
///
/// With `SO_REUSEPORT` alone, a second gateway could listen on the same address, and would silently get a share of the
/// connections. So the first socket begins to listen without that option, which fails if any other socket listens
/// there. Only afterwards it sets the option, and the other workers' sockets are opened. A second gateway fails to
/// start at any time, even if both start at once. Another program of the same user can still join, if it sets
/// `SO_REUSEPORT` itself while several workers run. With one worker the option is never set.
#[derive(Debug)]
pub struct Listeners {
    pub(super) bound: Vec<Bound>,
    /// Where they are found once they serve.
    pub(super) directory: Directory,
    workers: NonZeroUsize,
}

impl Listeners {
    /// Opens the sockets of these listeners for so many workers. With port 0, the system picks one free port for all
    /// workers. Names are resolved, which may take as long as the system's resolver takes.
    ///
    /// # Errors
    ///
    /// The first address that can't be listened on, and the system's error: it is in use, doesn't belong to this machine,
    /// or isn't allowed, or a name has no address.
    pub fn bind<L: Into<Listen>>(
        listen: impl IntoIterator<Item = L>,
        workers: NonZeroUsize,
    ) -> Result<Self, BindError> {
        Self::bind_beside(&mut Inherited::default(), listen, workers)
    }

    /// As [`bind`](Self::bind), but a listener whose sockets were opened by another process takes these. It has one for
    /// each worker of that process, which the workers share if there are fewer.
    ///
    /// # Errors
    ///
    /// As those of [`bind`](Self::bind).
    pub fn bind_beside<L: Into<Listen>>(
        inherited: &mut Inherited,
        listen: impl IntoIterator<Item = L>,
        workers: NonZeroUsize,
    ) -> Result<Self, BindError> {
        let listeners = Self::bind_first(inherited, listen, workers)?;
        inherited.discard();
        Ok(listeners)
    }

    /// As [`bind_beside`](Self::bind_beside), but the sockets of the other process that no listener has taken stay, for
    /// those that are opened next.
    ///
    /// # Errors
    ///
    /// As those of [`bind`](Self::bind).
    pub fn bind_first<L: Into<Listen>>(
        inherited: &mut Inherited,
        listen: impl IntoIterator<Item = L>,
        workers: NonZeroUsize,
    ) -> Result<Self, BindError> {
        let bound = listen.into_iter().map(|listen| {
            let listen = listen.into();
            let failed = |error| BindError::new(listen.address.clone(), error);
            match inherited.take(&listen.address).map_err(failed)? {
                none if none.is_empty() => Bound::bind(listen, workers),
                places => Ok(Bound { listen, places }),
            }
        });
        let bound = bound.collect::<Result<_, _>>()?;
        Ok(Self { bound, directory: Directory::default(), workers })
    }

    /// By which another process can take them over, once they serve.
    #[must_use]
    pub fn handover(&self) -> Handover {
        Handover { directory: self.directory.clone(), beside: Vec::new() }
    }

    /// For how many workers they were opened.
    #[must_use]
    pub fn workers(&self) -> NonZeroUsize {
        self.workers
    }

    /// Where they listen, with real ports and resolved names, in the order in which they were given.
    pub fn addresses(&self) -> impl Iterator<Item = &Address> {
        self.places().map(|(_, address)| address)
    }

    /// The same, each with the listener that it belongs to.
    pub fn places(&self) -> impl Iterator<Item = (&Listen, &Address)> {
        self.bound
            .iter()
            .flat_map(|bound| bound.places.iter().map(|sockets| (&bound.listen, &sockets.address)))
    }
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use super::*;
    use crate::serve::bind::{listen, socket};
    use crate::serve::listening::Unregistered;
    use crate::serve::sockets;

    fn on(address: &str, workers: usize) -> Result<Listeners, BindError> {
        Listeners::bind([address.parse::<Address>().unwrap()], NonZeroUsize::new(workers).unwrap())
    }

    fn place_of(listeners: &Listeners) -> String {
        listeners.addresses().next().unwrap().to_string()
    }

    #[test]
    fn port_0_is_one_port() {
        for address in ["127.0.0.1:0", "[::1]:0"] {
            let Ok(listeners) = on(address, 3) else {
                assert_eq!(address, "[::1]:0", "only IPv6 may be missing");
                continue;
            };
            assert!(!place_of(&listeners).ends_with(":0"));
            let all = &listeners.bound[0].places[0].each;
            assert_eq!(all.len(), 3);
            let each = |one: &Unregistered| match one {
                Unregistered::Tcp(listener) => listener.local_addr().unwrap().to_string(),
                Unregistered::Unix(_) => panic!("no TCP"),
            };
            assert!(all.iter().all(|one| each(one) == place_of(&listeners)));
        }
    }

    #[test]
    fn a_second_gateway_is_refused() {
        for (workers, seconds) in [(1, 1), (1, 2), (2, 1), (2, 2), (4, 2)] {
            let first = on("127.0.0.1:0", workers).unwrap();
            let second = on(&place_of(&first), seconds);
            let refused = second.map(|_| "let in").map_err(|error| error.io().kind());
            assert_eq!(refused, Err(ErrorKind::AddrInUse), "{workers} and {seconds} workers");
        }
    }

    /// If several gateways start at the same moment, at most one of them listens.
    #[test]
    fn of_many_at_once_at_most_one_is_let_in() {
        let mut let_in = 0;
        for _ in 0..20 {
            let address = place_of(&on("127.0.0.1:0", 1).unwrap());
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
        let address = sockets::local_addr(&there).unwrap().to_string();
        assert_eq!(on(&address, 2).unwrap_err().io().kind(), ErrorKind::AddrInUse);
    }
}
