//! Accepts connections, no more than allowed. It pauses when the process has no file descriptors left.

use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Poll, ready};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::coop::unconstrained;
use tokio::time::{Instant, sleep};
use tracing::warn;

use super::arrival::Arrival;
use super::listening::Listening;
use super::socket::Socket;
use crate::observe::metrics::ListenerMeter;

/// The first pause after accepting has failed. It doubles with each failure in a row, up to the longest, as in Go's
/// `net/http`.
const FIRST_PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
const BETWEEN_WARNINGS: Duration = Duration::from_secs(1);

/// The place of one connection. It is kept as long as the socket is open.
pub(super) type Permit = OwnedSemaphorePermit;

/// The places for connections that are left. Clones share them.
#[derive(Clone, Debug)]
pub(crate) struct Room(Arc<Semaphore>);

impl Room {
    pub(crate) fn for_connections(connections: usize) -> Self {
        Self(Arc::new(Semaphore::new(connections.min(Semaphore::MAX_PERMITS))))
    }

    /// Changes the number of places. If there are to be fewer than are free, the future waits until so many connections
    /// have ended, before any other is accepted.
    pub(crate) fn resize(&self, before: usize, after: usize) -> impl Future<Output = ()> + Send + use<> {
        let most = |places: usize| places.min(Semaphore::MAX_PERMITS);
        let (before, after) = (most(before), most(after));
        self.0.add_permits(after.saturating_sub(before));
        let (places, fewer) = (Arc::clone(&self.0), before.saturating_sub(after));
        async move {
            if let Some(fewer) = u32::try_from(fewer).ok().filter(|fewer| *fewer > 0)
                && let Ok(taken) = places.acquire_many_owned(fewer).await
            {
                taken.forget();
            }
        }
    }

    pub(super) async fn permit(&self) -> Permit {
        Arc::clone(&self.0).acquire_owned().await.expect("the semaphore is never closed")
    }
}

#[derive(Debug)]
pub(super) struct Acceptor {
    listener: Arc<Listening>,
    room: Room,
    pause: Duration,
    warned: Option<Instant>,
    meter: Arc<ListenerMeter>,
}

impl Acceptor {
    pub(super) fn new(listener: Arc<Listening>, room: Room, meter: Arc<ListenerMeter>) -> Self {
        listener.send_at_once();
        Self { listener, room, pause: FIRST_PAUSE, warned: None, meter }
    }

    /// Waits for a place, and for the next connection. If the future is dropped, no connection is lost.
    ///
    /// Dropping it also ends a pause early. The accept loop drops it whenever a connection has ended, because then
    /// there is a free descriptor again.
    pub(super) async fn accept(&mut self) -> (Socket, Arrival, Permit) {
        loop {
            match self.next().await {
                Ok(((socket, arrival), permit)) => {
                    self.pause = FIRST_PAUSE;
                    return (socket, arrival, permit);
                }
                Err(error) if is_the_connections_own(&error) => {}
                Err(error) => self.pause_after(&error).await,
            }
        }
    }

    /// The next connection if one waits, and there is a place for it.
    pub(super) async fn waiting(&mut self) -> Option<(Socket, Arrival, Permit)> {
        // A task that has done much in one go is told by tokio that nothing is there, which would be wrong here.
        let mut accepted = pin!(unconstrained(self.accept()));
        poll_fn(|cx| match accepted.as_mut().poll(cx) {
            Poll::Ready(accepted) => Poll::Ready(Some(accepted)),
            Poll::Pending => Poll::Ready(None),
        })
        .await
    }

    /// Takes a permit before it accepts a connection. If no connection waits, it gives the permit back, since other
    /// acceptors that share the room may need it.
    async fn next(&self) -> io::Result<((Socket, Arrival), Permit)> {
        let mut permit = pin!(self.room.permit());
        poll_fn(|cx| {
            let held = ready!(permit.as_mut().poll(cx));
            let accepted = self.listener.poll_accept(cx).map_ok(|accepted| (accepted, held));
            if accepted.is_pending() {
                permit.set(self.room.permit());
            }
            accepted
        })
        .await
    }

    async fn pause_after(&mut self, error: &io::Error) {
        self.meter.failed_to_accept();
        if self.warned.is_none_or(|at| at.elapsed() >= BETWEEN_WARNINGS) {
            self.warned = Some(Instant::now());
            warn!(%error, "cannot accept connections");
        }
        let pause = self.pause;
        self.pause = (pause * 2).min(LONGEST_PAUSE);
        sleep(pause).await;
    }
}

/// Whether an error of accept(2) is about the connection that it would have returned. Then the next connection can be
/// accepted at once. Any other error (EMFILE, ENFILE, ENOBUFS, ENOMEM) lasts for a while.
fn is_the_connections_own(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::ConnectionRefused
    )
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use tokio::net::{TcpListener, TcpStream};

    use super::*;

    #[tokio::test]
    async fn accepted_sockets_send_at_once() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut acceptor =
            Acceptor::new(Arc::new(Listening::Tcp(listener)), Room::for_connections(1), Arc::default());
        let client = TcpStream::connect(address).await.unwrap();
        let (Socket::Tcp(stream), arrival, _permit) = acceptor.accept().await else { panic!("no TCP") };
        assert_eq!(arrival.peer, Some(client.local_addr().unwrap()));
        assert_eq!(arrival.local, Some(address));
        assert!(stream.nodelay().unwrap());
    }

    #[tokio::test]
    async fn an_idle_acceptor_leaves_the_room_to_others() {
        let room = Room::for_connections(1);
        let [(mut idle, _), (mut asked, address)] = [bound(&room).await, bound(&room).await];
        let mut idle = pin!(idle.accept());
        let is_idle = poll_fn(|cx| Poll::Ready(idle.as_mut().poll(cx).is_pending())).await;
        assert!(is_idle);
        let _client = TcpStream::connect(address).await.unwrap();
        tokio::select! {
            _accepted = asked.accept() => {}
            () = sleep(Duration::from_secs(10)) => panic!("the room is held by an acceptor that has no connection"),
        }
    }

    #[tokio::test]
    async fn the_room_grows_and_shrinks() {
        let room = Room::for_connections(2);
        let _open = [room.permit().await, room.permit().await];
        room.resize(2, 3).await;
        let third = room.permit().await;
        let mut shrinking = pin!(room.resize(3, 2));
        let mut fourth = pin!(room.permit());
        let is_pending = poll_fn(|cx| {
            Poll::Ready(shrinking.as_mut().poll(cx).is_pending() && fourth.as_mut().poll(cx).is_pending())
        });
        assert!(is_pending.await);
        drop(third);
        shrinking.await;
        let is_full = poll_fn(|cx| Poll::Ready(fourth.as_mut().poll(cx).is_pending())).await;
        assert!(is_full, "there are two places again, and both are taken");
    }

    async fn bound(room: &Room) -> (Acceptor, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        (Acceptor::new(Arc::new(Listening::Tcp(listener)), room.clone(), Arc::default()), address)
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
