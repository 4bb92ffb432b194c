//! `Connection`: one connection to the server, over which all requests ask, and which is made anew in the background.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, RedisResult};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::address::{Address, Connected};
use super::script::Gcra;

/// How long connecting may take, and the server's first answers.
const CONNECT: Duration = Duration::from_secs(1);
/// The pause before the next attempt, at first and at most. It begins anew with a connection that has lasted for the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));
/// So many answers in a row may be late. Then the connection is given up, with all that waits on it.
const MOST_LATE: u32 = 10;

type Current = ArcSwapOption<MultiplexedConnection>;

/// A connection to the server, as long as there is one.
pub(super) struct Connection {
    current: Arc<Current>,
    late: AtomicU32,
    /// Tells who keeps the connection that it is lost.
    lost: mpsc::Sender<()>,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// There is no connection.
    Unreachable,
    /// The answer isn't there in time.
    Late,
    /// The server refused to do it, or the connection broke.
    Failed,
}

impl Connection {
    /// The connection, and what keeps it. It ends with the connection.
    pub(super) fn to(address: Address, script: Gcra) -> (Self, impl Future<Output = ()> + Send + use<>) {
        let (lost, told) = mpsc::channel(1);
        let current = Arc::new(Current::empty());
        let keeping = keep(Arc::clone(&current), told, address, script);
        (Self { current, late: AtomicU32::new(0), lost }, keeping)
    }

    pub(super) fn is_there(&self) -> bool {
        self.current.load().is_some()
    }

    /// Asks, and waits no longer than this for the answer.
    pub(super) async fn ask<T>(
        &self,
        deadline: Duration,
        ask: impl AsyncFnOnce(MultiplexedConnection) -> RedisResult<T>,
    ) -> Result<T, Failure> {
        let Some(connection) = self.current.load_full() else { return Err(Failure::Unreachable) };
        match tokio::time::timeout(deadline, ask(MultiplexedConnection::clone(&connection))).await {
            Ok(Ok(answer)) => {
                if self.late.load(Ordering::Relaxed) > 0 {
                    self.late.store(0, Ordering::Relaxed);
                }
                Ok(answer)
            }
            Ok(Err(error)) => {
                tracing::debug!(%error, "Redis has not counted a request");
                if error.is_unrecoverable_error() {
                    self.give_up(&connection);
                }
                Err(Failure::Failed)
            }
            Err(_) => {
                if self.late.fetch_add(1, Ordering::Relaxed) + 1 >= MOST_LATE {
                    self.give_up(&connection);
                }
                Err(Failure::Late)
            }
        }
    }

    /// Lets go of a connection, unless another one has taken its place.
    fn give_up(&self, connection: &Arc<MultiplexedConnection>) {
        let was = self.current.compare_and_swap(connection, None);
        if was.as_ref().is_some_and(|was| Arc::ptr_eq(was, connection)) {
            self.late.store(0, Ordering::Relaxed);
            // If it is full, the news is on its way already.
            let _ = self.lost.try_send(());
        }
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").field("is_there", &self.is_there()).finish_non_exhaustive()
    }
}

/// Connects, and again whenever the connection is lost, until nobody asks any more.
async fn keep(current: Arc<Current>, mut lost: mpsc::Receiver<()>, address: Address, script: Gcra) {
    let (shortest, longest) = PAUSES;
    let mut pause = shortest;
    let mut is_news = true;
    loop {
        match connect(&address, &script).await {
            Ok(Connected { connection, driving: _driving }) => {
                tracing::info!(%address, "limits are shared over Redis");
                let since = Instant::now();
                current.store(Some(Arc::new(connection)));
                if lost.recv().await.is_none() {
                    return;
                }
                tracing::warn!(%address, "Redis is lost; limits are not shared until it is back");
                is_news = true;
                if since.elapsed() >= longest {
                    pause = shortest;
                }
            }
            Err(error) => {
                if std::mem::take(&mut is_news) {
                    tracing::warn!(%address, %error, "Redis can't be reached; limits are not shared until it can");
                }
            }
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = closed(&mut lost) => return,
        }
        pause = (pause * 2).min(longest);
    }
}

/// Waits until nobody asks any more.
async fn closed(lost: &mut mpsc::Receiver<()>) {
    while lost.recv().await.is_some() {}
}

/// A connection over which the script was made known: so a server that takes connections and says nothing has none.
async fn connect(address: &Address, script: &Gcra) -> RedisResult<Connected> {
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(CONNECT))
        .set_response_timeout(Some(CONNECT));
    let connecting = tokio::time::timeout(CONNECT, address.connect(config)).await;
    let mut connected = connecting.map_err(std::io::Error::from)??;
    script.load(&mut connected.connection).await?;
    Ok(connected)
}
