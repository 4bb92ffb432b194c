//! Gives the listening sockets to another process, which goes on where this one ends.
//!
//! The other process gets one end of a pair of Unix sockets as its standard input. Each message on it has one listening
//! socket, and says where that listens. After the last one it answers that it is ready. If it ends instead, so does the
//! pair. It has the very same sockets: a connection that waits in one of them waits for both processes.

use std::fmt;
use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Weak};
use std::time::Duration;

use rustix::io::Errno;
use rustix::net::sockopt::{Timeout, set_socket_timeout};
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, SocketFlags, SocketType,
};

use super::directory::{Directory, Open};
use super::handed::Handed;

/// The environment variable that tells a process that sockets come to its standard input.
pub(super) const VARIABLE: &str = "GATEWAY_HANDOVER";
const READY: &[u8] = b"ready";
/// The message after the last socket.
const ALL: &str = "all";
/// Two addresses, of which each may be a path.
const LONGEST: usize = 1024;

/// The listening sockets of a gateway that serves, for another process to take over. Clones are the same.
#[derive(Clone, Debug)]
pub struct Handover {
    pub(super) directory: Directory,
    /// Those of listeners that may open later. The other process takes them first, since it opens them first.
    pub(super) beside: Vec<Directory>,
}

impl Handover {
    /// These sockets, and others. Nobody waits for the others to be open.
    #[must_use]
    pub fn beside(mut self, others: Self) -> Self {
        self.beside.push(others.directory);
        self.beside.extend(others.beside);
        self
    }

    fn all(&self) -> Vec<Arc<Open>> {
        self.beside.iter().chain([&self.directory]).flat_map(Directory::all).collect()
    }

    /// Waits until connections are accepted on these sockets.
    pub async fn serving(&self) {
        self.directory.filled().await;
    }

    /// Starts another process, gives it all listening sockets, and waits until it says that it is ready: see
    /// [`Inherited`](super::Inherited). From then on both processes accept connections. So the shutdown of this one has
    /// to [retire](super::Shutdown::retire) next.
    ///
    /// This blocks for as long as the other process takes, and at most for about `patience`.
    ///
    /// # Errors
    ///
    /// If the other process can't be started, or ends, or isn't ready in time. It has ended then, and this one goes on.
    pub fn to(&self, mut command: Command, patience: Duration) -> Result<Child, HandoverError> {
        let kind = (AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC);
        let (ours, theirs) = rustix::net::socketpair(kind.0, kind.1, kind.2, None).map_err(start)?;
        command.stdin(Stdio::from(theirs)).env(VARIABLE, "stdin");
        let mut child = command.spawn().map_err(HandoverError::Start)?;
        // The command has the other end as well. While it exists, the end of the process wouldn't end the pair.
        drop(command);
        let accepted = self.give(&ours, patience);
        match accepted.and_then(|()| until_ready(&ours)) {
            Ok(()) => {
                let places = self.all();
                let files =
                    places.iter().flat_map(|open| &open.places).filter_map(|place| place.file.as_ref());
                files.for_each(|file| file.leave());
                Ok(child)
            }
            Err(error) => {
                // It fails only if the process has ended already.
                let _ = child.kill();
                let status = child.wait().map_err(HandoverError::Give)?;
                let has_ended = error.kind() == io::ErrorKind::UnexpectedEof;
                Err(if has_ended { HandoverError::Ended(status) } else { HandoverError::Give(error) })
            }
        }
    }

    fn give(&self, to: &OwnedFd, patience: Duration) -> io::Result<()> {
        set_socket_timeout(to, Timeout::Send, Some(patience))?;
        set_socket_timeout(to, Timeout::Recv, Some(patience))?;
        for (number, open) in self.all().iter().enumerate() {
            for place in &open.places {
                for socket in place.sockets.iter().filter_map(Weak::upgrade) {
                    let what = format!("{number}\n{}\n{}", open.listen.address, place.address);
                    send(to, &what, Some(socket.as_fd()))?;
                }
            }
        }
        send(to, ALL, None)
    }
}

fn start(error: Errno) -> HandoverError {
    HandoverError::Start(error.into())
}

fn until_ready(from: &OwnedFd) -> io::Result<()> {
    let mut answer = [0; READY.len()];
    match rustix::net::recv(from, &mut answer, RecvFlags::empty()) {
        Ok((_, length)) if answer.get(..length) == Some(READY) => Ok(()),
        Ok(_) => Err(io::ErrorKind::UnexpectedEof.into()),
        Err(Errno::AGAIN) => Err(io::Error::new(io::ErrorKind::TimedOut, "it isn't ready in time")),
        Err(Errno::CONNRESET) => Err(io::ErrorKind::UnexpectedEof.into()),
        Err(error) => Err(error.into()),
    }
}

/// Tells the process that gave the sockets that this one is ready.
pub(super) fn say_ready(to: &OwnedFd) -> io::Result<()> {
    rustix::net::send(to, READY, SendFlags::NOSIGNAL)?;
    Ok(())
}

fn send(to: &OwnedFd, what: &str, socket: Option<BorrowedFd<'_>>) -> io::Result<()> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    let sockets = socket.as_slice();
    if !sockets.is_empty() {
        control.push(SendAncillaryMessage::ScmRights(sockets));
    }
    let sent = rustix::net::sendmsg(to, &[IoSlice::new(what.as_bytes())], &mut control, SendFlags::NOSIGNAL);
    match sent {
        Ok(_) => Ok(()),
        Err(Errno::PIPE | Errno::CONNRESET) => Err(io::ErrorKind::UnexpectedEof.into()),
        Err(error) => Err(error.into()),
    }
}

/// Receives all sockets that another process gives.
pub(super) fn receive(from: impl AsFd) -> io::Result<Vec<Handed>> {
    let mut all = Vec::new();
    loop {
        let mut text = [0; LONGEST];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let buffer = &mut [IoSliceMut::new(&mut text)];
        let received = rustix::net::recvmsg(&from, buffer, &mut control, RecvFlags::CMSG_CLOEXEC)?;
        let socket = control.drain().find_map(|message| match message {
            RecvAncillaryMessage::ScmRights(mut sockets) => sockets.next(),
            _ => None,
        });
        let text = text.get(..received.bytes).and_then(|text| std::str::from_utf8(text).ok());
        match (text, socket) {
            (Some(ALL), None) => return Ok(all),
            (Some(text), Some(socket)) => all.push(Handed::read(text, socket).ok_or_else(unreadable)?),
            _ => return Err(unreadable()),
        }
    }
}

fn unreadable() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "what came to standard input is no listening socket")
}

/// Why another process has not taken the sockets over. This one still has them.
#[derive(Debug)]
#[non_exhaustive]
pub enum HandoverError {
    /// It can't be started.
    Start(io::Error),
    /// The sockets can't be given to it, or it isn't ready in time.
    Give(io::Error),
    /// It has ended instead of being ready. What it said stands where its standard error goes.
    Ended(ExitStatus),
}

impl fmt::Display for HandoverError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start(error) => write!(f, "the new process can't be started: {error}"),
            Self::Give(error) => write!(f, "the new process can't take the sockets over: {error}"),
            Self::Ended(status) => write!(f, "the new process has ended before it was ready, with {status}"),
        }
    }
}

impl std::error::Error for HandoverError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Start(error) | Self::Give(error) => Some(error),
            Self::Ended(_) => None,
        }
    }
}
