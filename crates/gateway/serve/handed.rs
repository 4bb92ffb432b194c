//! `Handed`: a listening socket that was opened by another process.

use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixListener;

use super::listening::Unregistered;
use crate::config::Address;

/// A listening socket that was opened by another process.
#[derive(Debug)]
pub(super) struct Handed {
    /// The listener that it belonged to in that process: its number and its address. Another kind of process, such as
    /// systemd, doesn't say.
    pub(super) belonged_to: Option<(usize, Address)>,
    /// Where it listens, with its real port.
    pub(super) address: Address,
    pub(super) socket: Unregistered,
}

impl Handed {
    /// Reads what a gateway says of a socket.
    pub(super) fn read(text: &str, socket: OwnedFd) -> Option<Self> {
        let mut lines = text.split('\n');
        let (number, listen, address) = (lines.next()?, lines.next()?, lines.next()?);
        let address: Address = address.parse().ok()?;
        let socket = match address {
            Address::Unix(_) => Unregistered::Unix(UnixListener::from(socket)),
            _ => Unregistered::Tcp(TcpListener::from(socket)),
        };
        Some(Self { belonged_to: Some((number.parse().ok()?, listen.parse().ok()?)), address, socket })
    }

    /// A socket that systemd has opened.
    pub(super) fn activated(socket: Unregistered) -> Option<Self> {
        let address = match &socket {
            Unregistered::Tcp(listener) => {
                listener.set_nonblocking(true).ok()?;
                listener.local_addr().ok()?.into()
            }
            Unregistered::Unix(listener) => {
                listener.set_nonblocking(true).ok()?;
                Address::Unix(listener.local_addr().ok()?.as_pathname()?.to_owned())
            }
        };
        Some(Self { belonged_to: None, address, socket })
    }

    /// Whether it is what a listener with this address needs.
    pub(super) fn is_at(&self, wanted: &Address) -> bool {
        match (wanted, &self.address) {
            (Address::Every(port), Address::Ip(ip)) => ip.ip().is_unspecified() && ip.port() == *port,
            (wanted, address) => wanted == address,
        }
    }
}
