//! `Listening`: a socket that listens, of whichever kind it is.

use std::io;
use std::net::{self, SocketAddr};
#[cfg(unix)]
use std::os::fd::{AsFd as _, BorrowedFd};
#[cfg(unix)]
use std::os::unix;
use std::task::{Context, Poll, ready};

use socket2::SockRef;
use tokio::net::TcpListener;
#[cfg(unix)]
use tokio::net::UnixListener;

use super::arrival::Arrival;
use super::socket::Socket;

/// A listening socket that belongs to no runtime yet.
#[derive(Debug)]
pub(super) enum Unregistered {
    Tcp(net::TcpListener),
    #[cfg(unix)]
    Unix(unix::net::UnixListener),
}

impl Unregistered {
    /// The same socket once more: each connection is accepted by one of the two.
    pub(super) fn try_clone(&self) -> io::Result<Self> {
        Ok(match self {
            Self::Tcp(listener) => Self::Tcp(listener.try_clone()?),
            #[cfg(unix)]
            Self::Unix(listener) => Self::Unix(listener.try_clone()?),
        })
    }

    /// Registers it with the runtime in whose context this is called.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime with I/O enabled.
    pub(super) fn register(self) -> io::Result<Listening> {
        Ok(match self {
            Self::Tcp(listener) => Listening::Tcp(TcpListener::from_std(listener)?),
            #[cfg(unix)]
            Self::Unix(listener) => Listening::Unix(UnixListener::from_std(listener)?),
        })
    }
}

/// A listening socket.
#[derive(Debug)]
pub(crate) enum Listening {
    Tcp(TcpListener),
    #[cfg(unix)]
    Unix(UnixListener),
}

impl Listening {
    /// The same socket, for another runtime or process.
    pub(super) fn again(&self) -> io::Result<Unregistered> {
        Ok(match self {
            Self::Tcp(listener) => Unregistered::Tcp(listener.as_fd().try_clone_to_owned()?.into()),
            #[cfg(unix)]
            Self::Unix(listener) => Unregistered::Unix(listener.as_fd().try_clone_to_owned()?.into()),
        })
    }

    /// The same socket, as a file descriptor.
    pub(super) fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Tcp(listener) => listener.as_fd(),
            Self::Unix(listener) => listener.as_fd(),
        }
    }

    /// Has connections send what is written at once: otherwise a small response would wait for the ACK of the one before.
    /// They inherit it, which costs them no call of their own.
    pub(super) fn send_at_once(&self) {
        if let Self::Tcp(listener) = self {
            // It fails only if the socket is closed already.
            let _ = SockRef::from(listener).set_tcp_nodelay(true);
        }
    }

    /// Accepts a connection, and says where it comes from.
    pub(super) fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<io::Result<(Socket, Arrival)>> {
        match self {
            Self::Tcp(listener) => {
                let (stream, peer) = ready!(listener.poll_accept(cx))?;
                let local = stream.local_addr().ok().map(canonical);
                Poll::Ready(Ok((Socket::Tcp(stream), Arrival::between(Some(peer), local))))
            }
            #[cfg(unix)]
            Self::Unix(listener) => {
                let (stream, _unnamed) = ready!(listener.poll_accept(cx))?;
                Poll::Ready(Ok((Socket::Unix(stream), Arrival::between(None, None))))
            }
        }
    }
}

fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}
