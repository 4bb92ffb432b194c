//! Tunnels: what becomes of a connection after an upgrade.

mod guards;

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use pin_project_lite::pin_project;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::watch;
use tokio::time::Instant;

pub(crate) use self::guards::Guards;
pub use self::guards::Tunnel;
use crate::error::BoxError;
use crate::telemetry;

/// Counts the open tunnels and closes them, for a graceful shutdown. Clones share the count.
#[derive(Clone, Debug, Default)]
pub struct Tunnels {
    tally: watch::Sender<Tally>,
}

#[derive(Debug, Default)]
struct Tally {
    open: usize,
    closing: bool,
}

impl Tunnels {
    /// How many tunnels are open now.
    pub fn count(&self) -> usize {
        self.tally.borrow().open
    }

    /// Closes every open tunnel, and each later one as soon as it opens.
    pub fn close(&self) {
        self.tally.send_modify(|tally| tally.closing = true);
    }

    /// Waits until no tunnel is open.
    pub async fn drained(&self) {
        let none_open = self.tally.subscribe().wait_for(|tally| tally.open == 0).await.map(drop);
        none_open.expect("the sender lives as long as self");
    }

    pub(crate) fn open(&self) -> OpenTunnel {
        self.tally.send_modify(|tally| tally.open += 1);
        OpenTunnel(self.clone())
    }
}

/// Counts one tunnel, until it is dropped.
pub(crate) struct OpenTunnel(Tunnels);

impl OpenTunnel {
    async fn told_to_close(&self) {
        let closing = self.0.tally.subscribe().wait_for(|tally| tally.closing).await.map(drop);
        closing.expect("the sender lives as long as self");
    }
}

impl Drop for OpenTunnel {
    fn drop(&mut self) {
        self.0.tally.send_modify(|tally| tally.open -= 1);
    }
}

/// What ends a tunnel, and ends with it.
pub(crate) struct Ends {
    pub(crate) idle: Duration,
    pub(crate) open: OpenTunnel,
    pub(crate) guards: Guards,
}

/// Copies bytes in both directions, and passes on the end of each. Ends when both directions have ended, when no byte
/// was read for `idle`, or when the tunnels are closed.
pub(crate) async fn run<U: AsyncRead + AsyncWrite + Unpin>(
    client: OnUpgrade,
    upstream: impl Future<Output = Result<U, BoxError>>,
    ends: Ends,
) {
    let Ends { idle, open, guards: _guards } = ends;
    let activity = Activity::new();
    let pump = async {
        let (client, upstream) = tokio::try_join!(async { Ok(client.await?) }, upstream)?;
        let mut client = Active { io: TokioIo::new(client), activity: &activity };
        let mut upstream = Active { io: upstream, activity: &activity };
        tokio::io::copy_bidirectional(&mut client, &mut upstream).await.map_err(BoxError::from)
    };
    let end = tokio::select! {
        done = pump => match done {
            Ok((sent, received)) => {
                tracing::debug!(target: telemetry::TUNNEL, sent, received, "both ends are done");
                return;
            }
            Err(error) => format!("broken: {error}"),
        },
        () = activity.idle_for(idle) => "idle".to_owned(),
        () = open.told_to_close() => "shutting down".to_owned(),
    };
    tracing::debug!(target: telemetry::TUNNEL, end, "closed");
}

/// When a byte was last read from either end.
struct Activity {
    start: Instant,
    last_ms: AtomicU64,
}

impl Activity {
    fn new() -> Self {
        Self { start: Instant::now(), last_ms: AtomicU64::new(0) }
    }

    fn note(&self) {
        let since_start = u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last_ms.store(since_start, Ordering::Relaxed);
    }

    async fn idle_for(&self, limit: Duration) {
        loop {
            let last = Duration::from_millis(self.last_ms.load(Ordering::Relaxed));
            let left = limit.saturating_sub(self.start.elapsed().saturating_sub(last));
            if left.is_zero() {
                return;
            }
            tokio::time::sleep(left).await;
        }
    }
}

pin_project! {
    struct Active<'a, T> {
        #[pin]
        io: T,
        activity: &'a Activity,
    }
}

impl<T: AsyncRead> AsyncRead for Active<'_, T> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.project();
        let read = this.io.poll_read(cx, buf);
        if read.is_ready() {
            this.activity.note();
        }
        read
    }
}

impl<T: AsyncWrite> AsyncWrite for Active<'_, T> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.project().io.poll_write(cx, buf)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.project().io.poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.project().io.poll_shutdown(cx)
    }
}
