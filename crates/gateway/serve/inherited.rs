//! `Inherited`: listening sockets that another process has opened for this one.

use std::io;
use std::os::fd::{AsFd as _, OwnedFd};

use listenfd::ListenFd;
use tracing::warn;

use super::handed::Handed;
use super::handover::{self, VARIABLE};
use super::listening::Unregistered;
use super::sockets::Sockets;
use super::unix_socket::SocketFile;
use crate::config::Address;

/// Listening sockets that another process has opened for this one: a gateway that this one takes over from
/// ([`Handover`](super::Handover)), or systemd (socket activation, `sd_listen_fds(3)`).
#[derive(Debug, Default)]
pub struct Inherited {
    sockets: Vec<Handed>,
    giver: Option<OwnedFd>,
}

impl Inherited {
    /// Takes the sockets that the environment tells of. There may be none.
    ///
    /// To be called once, and before there are threads: it removes systemd's variables from the environment.
    ///
    /// # Errors
    ///
    /// If a gateway was to give its sockets and doesn't.
    pub fn from_environment() -> io::Result<Self> {
        if std::env::var_os(VARIABLE).is_none() {
            return Ok(Self { sockets: activated(), giver: None });
        }
        let giver = io::stdin().as_fd().try_clone_to_owned()?;
        Ok(Self { sockets: handover::receive(&giver)?, giver: Some(giver) })
    }

    /// Tells the gateway that gave the sockets, if there is one, that this process serves.
    ///
    /// # Errors
    ///
    /// If that gateway doesn't wait for it any more.
    pub fn ready(&self) -> io::Result<()> {
        self.giver.as_ref().map_or(Ok(()), handover::say_ready)
    }

    /// Whether another gateway is to end when this one is ready.
    #[must_use]
    pub fn is_handover(&self) -> bool {
        self.giver.is_some()
    }

    /// Logs a line for each socket that no listener has taken, and closes it.
    pub(super) fn discard(&mut self) {
        for Handed { address, .. } in self.sockets.drain(..) {
            warn!(%address, "a listening socket was handed over that no listener uses");
        }
    }

    /// Takes the sockets for a listener at this address.
    pub(super) fn take(&mut self, wanted: &Address) -> io::Result<Vec<Sockets>> {
        let mut owners = self.sockets.iter().filter_map(|handed| handed.belonged_to.as_ref());
        let number = owners.find(|(_, address)| address == wanted).map(|(number, _)| *number);
        let is_wanted = |handed: &Handed| match (number, &handed.belonged_to) {
            (Some(wanted), Some((number, _))) => wanted == *number,
            (None, None) => handed.is_at(wanted),
            _ => false,
        };
        let mut places: Vec<Sockets> = Vec::new();
        for Handed { belonged_to, address, socket } in self.sockets.extract_if(.., |handed| is_wanted(handed))
        {
            if let Some(place) = places.iter_mut().find(|place| place.address == address) {
                place.each.push(socket);
                continue;
            }
            let file = match &address {
                // That of systemd is systemd's.
                Address::Unix(path) if belonged_to.is_some() => Some(SocketFile::at(path)?.into()),
                _ => None,
            };
            places.push(Sockets { address, each: vec![socket], file });
        }
        Ok(places)
    }
}

/// The sockets of systemd.
fn activated() -> Vec<Handed> {
    let mut all = ListenFd::from_env();
    let sockets = (0..all.len()).filter_map(|index| {
        let tcp = all.take_tcp_listener(index).ok().flatten().map(Unregistered::Tcp);
        let socket = tcp.or_else(|| all.take_unix_listener(index).ok().flatten().map(Unregistered::Unix));
        let handed = socket.and_then(Handed::activated);
        if handed.is_none() {
            warn!(
                index,
                "systemd has given a file descriptor that is no listening socket of TCP, nor of Unix"
            );
        }
        handed
    });
    sockets.collect()
}
