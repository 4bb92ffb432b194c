//! Opens the listening sockets of one address, one for each worker.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs as _};
use std::num::NonZeroUsize;
use std::sync::Arc;

use socket2::Socket;

use super::bind::{listen, socket};
use super::listening::Unregistered;
use super::unix_socket::{self, SocketFile};
use crate::config::Address;

/// What listens at one place. At an IP address it is one socket for each worker.
#[derive(Debug)]
pub(super) struct Sockets {
    /// The place, with its real port.
    pub(super) address: Address,
    pub(super) each: Vec<Unregistered>,
    /// The file of a Unix socket.
    pub(super) file: Option<Arc<SocketFile>>,
}

/// Opens the sockets of every place that `address` stands for. A name is resolved, which may take as long as the
/// system's resolver takes.
pub(super) fn open(address: &Address, workers: NonZeroUsize) -> io::Result<Vec<Sockets>> {
    match address {
        Address::Ip(address) => Ok(vec![Sockets::bind(*address, workers)?]),
        Address::Every(port) => Ok(vec![every(*port, workers)?]),
        Address::Name { host, port } => named(host, *port, workers),
        Address::Unix(path) => {
            let (listener, file) = unix_socket::bind(path)?;
            let each = vec![Unregistered::Unix(listener)];
            Ok(vec![Sockets { address: address.clone(), each, file: Some(Arc::new(file)) }])
        }
    }
}

/// Listens on every address of the machine: on `[::]`, which takes IPv4 as well, or on `0.0.0.0` if there is no IPv6.
fn every(port: u16, workers: NonZeroUsize) -> io::Result<Sockets> {
    match Sockets::bind(SocketAddr::from((Ipv6Addr::UNSPECIFIED, port)), workers) {
        Err(error) if has_no_ipv6(&error) => {
            Sockets::bind(SocketAddr::from((Ipv4Addr::UNSPECIFIED, port)), workers)
        }
        opened => opened,
    }
}

/// Whether the system has no IPv6 at all, or has it turned off.
fn has_no_ipv6(error: &io::Error) -> bool {
    const EAFNOSUPPORT: i32 = 97;
    error.raw_os_error() == Some(EAFNOSUPPORT) || error.kind() == io::ErrorKind::AddrNotAvailable
}

fn named(host: &str, port: u16, workers: NonZeroUsize) -> io::Result<Vec<Sockets>> {
    let mut addresses: Vec<SocketAddr> = (host, port).to_socket_addrs()?.collect();
    addresses.sort_unstable();
    addresses.dedup();
    if addresses.is_empty() {
        return Err(io::Error::new(io::ErrorKind::NotFound, "the name has no address"));
    }
    addresses.into_iter().map(|address| Sockets::bind(address, workers)).collect()
}

impl Sockets {
    /// Opens the sockets on `address`. With port 0, the system picks one free port for all.
    fn bind(address: SocketAddr, workers: NonZeroUsize) -> io::Result<Self> {
        let first = listen(socket(address)?, address)?;
        let address = local_addr(&first)?;
        let mut each = (1..workers.get()).map(|_| beside(&first, address)).collect::<io::Result<Vec<_>>>()?;
        each.push(first);
        let each = each.into_iter().map(|socket| Unregistered::Tcp(socket.into())).collect();
        Ok(Self { address: address.into(), each, file: None })
    }
}

pub(super) fn local_addr(socket: &Socket) -> io::Result<SocketAddr> {
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
