//! `Shutdown`: begins a graceful shutdown or an abort. `signals` does that on SIGTERM and SIGINT.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::sleep;
use tracing::debug;

/// A handle that begins a shutdown, or waits for one. Clones share their state.
///
/// A shutdown has two stages. First the gateway drains: it accepts nothing new, and requests in flight are finished.
/// Then it aborts: connections that are still open are cut off.
#[derive(Clone, Debug)]
pub struct Shutdown {
    stage: watch::Sender<Stage>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Serving,
    Draining,
    Aborting,
}

impl Shutdown {
    /// Makes a shutdown that has not begun.
    #[must_use]
    pub fn new() -> Self {
        Self { stage: watch::Sender::new(Stage::Serving) }
    }

    /// Begins to drain: nothing new is accepted, and requests in flight are finished.
    pub fn begin(&self) {
        self.advance_to(Stage::Draining);
    }

    /// Cuts off all connections at once.
    pub fn abort(&self) {
        self.advance_to(Stage::Aborting);
    }

    /// Goes one stage further: begins the shutdown, or aborts it if it has begun. A signal does this.
    pub fn escalate(&self) {
        if self.has_begun() { self.abort() } else { self.begin() }
    }

    /// Whether the shutdown has begun.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        *self.stage.borrow() >= Stage::Draining
    }

    /// Waits for the shutdown to begin.
    pub async fn begun(&self) {
        self.reached(Stage::Draining).await;
    }

    /// Waits for the shutdown to turn into an abort.
    pub async fn aborted(&self) {
        self.reached(Stage::Aborting).await;
    }

    /// Waits until a shutdown may last no longer: until `limit` after its beginning (or after this call, if that is
    /// later), or until it turns into an abort.
    pub(crate) async fn over(&self, limit: Duration) {
        self.begun().await;
        tokio::select! {
            biased;
            () = self.aborted() => debug!("shutdown aborted"),
            () = sleep(limit) => debug!("shutdown deadline reached"),
        }
    }

    pub(super) fn subscribe(&self) -> Begun {
        Begun { stage: self.stage.subscribe() }
    }

    async fn reached(&self, stage: Stage) {
        // The sender lives in `self`, so the channel cannot close before the wait ends.
        let _ = self.stage.subscribe().wait_for(|now| *now >= stage).await;
    }

    fn advance_to(&self, stage: Stage) {
        self.stage.send_if_modified(|now| {
            let forward = *now < stage;
            if forward {
                *now = stage;
            }
            forward
        });
    }
}

impl Default for Shutdown {
    fn default() -> Self {
        Self::new()
    }
}

/// By this, a connection learns that the [`Shutdown`] has begun.
#[derive(Clone, Debug)]
pub(super) struct Begun {
    stage: watch::Receiver<Stage>,
}

impl Begun {
    /// Whether the stage has changed since [`wait`](Self::wait) was last polled. This is one atomic load.
    pub(super) fn has_news(&self) -> bool {
        self.stage.has_changed().unwrap_or(true)
    }

    /// Waits for the shutdown to begin. If every [`Shutdown`] was dropped, this never completes.
    pub(super) async fn wait(&mut self) {
        if self.stage.wait_for(|now| *now >= Stage::Draining).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// Makes signals control `shutdown`: the first SIGTERM or SIGINT begins it, the second one aborts. SIGHUP would
/// otherwise end the process: it does nothing here, so that [`Reload`](crate::live::Reload) can take it.
///
/// # Errors
///
/// If the signal handlers can't be installed.
///
/// # Panics
///
/// Outside a tokio runtime with I/O enabled.
#[cfg(unix)]
pub fn signals(shutdown: Shutdown) -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut hangup = signal(SignalKind::hangup())?;
    tokio::spawn(async move {
        loop {
            tokio::select! {
                Some(()) = terminate.recv() => shutdown.escalate(),
                Some(()) = interrupt.recv() => shutdown.escalate(),
                Some(()) = hangup.recv() => debug!("SIGHUP"),
                else => break,
            }
        }
    });
    Ok(())
}
