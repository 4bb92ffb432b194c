//! Taking connections off the kernel's queue: no more than allowed, and no faster than descriptors last.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep};
use tracing::warn;

/// Go's `net/http`: 5 ms, doubled with every failure in a row, at most 1 s.
const FIRST_PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
const BETWEEN_WARNINGS: Duration = Duration::from_secs(1);

/// Held by a socket for as long as it is open.
pub(super) type Permit = OwnedSemaphorePermit;

#[derive(Debug)]
pub(super) struct Acceptor {
    listener: TcpListener,
    permits: Arc<Semaphore>,
    pause: Duration,
    warned: Option<Instant>,
}

impl Acceptor {
    pub(super) fn new(listener: TcpListener, connections: usize) -> Self {
        let permits = Arc::new(Semaphore::new(connections.min(Semaphore::MAX_PERMITS)));
        Self { listener, permits, pause: FIRST_PAUSE, warned: None }
    }

    /// The next connection, once there is room for it. May be dropped at any await without losing one.
    ///
    /// Dropping it also ends a pause early, which is what the accept loop does whenever a connection ends: that is
    /// when descriptors come back.
    pub(super) async fn accept(&mut self) -> (TcpStream, SocketAddr, Permit) {
        loop {
            let Ok(permit) = Arc::clone(&self.permits).acquire_owned().await else {
                // Nobody closes the semaphore: it is ours alone.
                std::future::pending().await
            };
            match self.listener.accept().await {
                Ok((stream, peer)) => {
                    self.pause = FIRST_PAUSE;
                    // Small answers must not wait for the ACK of the one before. Fails only on a dead socket.
                    let _ = stream.set_nodelay(true);
                    return (stream, peer, permit);
                }
                Err(error) if is_the_connections_own(&error) => {}
                Err(error) => self.pause_after(&error).await,
            }
        }
    }

    async fn pause_after(&mut self, error: &io::Error) {
        if self.warned.is_none_or(|at| at.elapsed() >= BETWEEN_WARNINGS) {
            self.warned = Some(Instant::now());
            warn!(%error, "cannot accept connections");
        }
        let pause = self.pause;
        self.pause = (pause * 2).min(LONGEST_PAUSE);
        sleep(pause).await;
    }
}

/// accept(2) also reports what went wrong with the connection that it would have returned. Everything else (EMFILE,
/// ENFILE, ENOBUFS, ENOMEM) lasts, and would be reported again at once.
fn is_the_connections_own(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::ConnectionRefused
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn accepted_sockets_send_at_once() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let client = TcpStream::connect(address).await.unwrap();
        let (stream, peer, _permit) = Acceptor::new(listener, 1).accept().await;
        assert_eq!(peer, client.local_addr().unwrap());
        assert!(stream.nodelay().unwrap());
    }

    #[test]
    fn only_what_lasts_is_paused_for() {
        for lasting in [ErrorKind::Other, ErrorKind::OutOfMemory, ErrorKind::PermissionDenied] {
            assert!(!is_the_connections_own(&lasting.into()), "{lasting:?}");
        }
        assert!(!is_the_connections_own(&io::Error::from_raw_os_error(24)), "EMFILE");
        assert!(is_the_connections_own(&ErrorKind::ConnectionAborted.into()));
    }
}
