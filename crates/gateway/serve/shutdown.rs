//! Who says when to stop, and how hard.

use tokio::sync::watch;
use tracing::warn;

const NO_RELOAD: &str =
    "a running gateway doesn't read its configuration again: restart it, so that changes take effect";

/// Begins a shutdown, or follows one. Clones share it.
///
/// It knows two steps: first wind down (nothing new, what is in flight finishes), then abort.
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
    /// A shutdown that has not begun.
    #[must_use]
    pub fn new() -> Self {
        Self { stage: watch::Sender::new(Stage::Serving) }
    }

    /// Winds down: nothing new is accepted, what is in flight may finish.
    pub fn begin(&self) {
        self.advance_to(Stage::Draining);
    }

    /// Cuts off whatever is left, at once.
    pub fn abort(&self) {
        self.advance_to(Stage::Aborting);
    }

    /// Begins, or aborts what has begun: what a signal does.
    pub fn escalate(&self) {
        if self.has_begun() { self.abort() } else { self.begin() }
    }

    /// Whether winding down has begun; from then on the gateway is not ready for more.
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

/// A connection's own ear for [`Shutdown`].
#[derive(Clone, Debug)]
pub(super) struct Begun {
    stage: watch::Receiver<Stage>,
}

impl Begun {
    /// Whether anything was said since the last time [`wait`](Self::wait) was polled: one atomic load.
    pub(super) fn has_news(&self) -> bool {
        self.stage.has_changed().unwrap_or(true)
    }

    /// Waits for the shutdown to begin; for ever if every [`Shutdown`] is gone.
    pub(super) async fn wait(&mut self) {
        if self.stage.wait_for(|now| *now >= Stage::Draining).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// Lets the signals of this process drive `shutdown`: the first SIGTERM or SIGINT begins it, the second aborts. SIGHUP,
/// which would end the process, is a line in the log.
///
/// # Errors
///
/// When the handlers cannot be installed.
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
                Some(()) = hangup.recv() => warn!("SIGHUP: {NO_RELOAD}"),
                else => break,
            }
        }
    });
    Ok(())
}
