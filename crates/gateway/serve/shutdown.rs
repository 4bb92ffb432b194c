//! `Shutdown`: begins a graceful shutdown or an abort.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::sleep;
use tracing::debug;

/// A handle that begins a shutdown, or waits for one. Clones share their state.
///
/// A shutdown has stages, of which the first two may be left out:
///
/// 1. It is announced: the gateway serves as before, and says that it isn't ready any more.
/// 2. It retires: it accepts nothing new, each connection ends after its next answer, and idle ones have a few seconds for
///    one more request. So no client meets a connection that was closed while its request was on the way.
/// 3. It drains: it accepts nothing new, idle connections are closed, and requests in flight are finished.
/// 4. It aborts: connections that are still open are cut off.
#[derive(Clone, Debug)]
pub struct Shutdown {
    stage: watch::Sender<Stage>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    Serving,
    Announced,
    Retiring,
    Draining,
    Aborting,
}

impl Shutdown {
    /// Makes a shutdown that has not begun.
    #[must_use]
    pub fn new() -> Self {
        Self { stage: watch::Sender::new(Stage::Serving) }
    }

    /// Announces the shutdown: the gateway serves as before, and says that it isn't ready any more.
    pub fn announce(&self) {
        self.advance_to(Stage::Announced);
    }

    /// Announces the shutdown, and begins it after `delay`, or as soon as somebody else begins it.
    pub async fn begin_after(&self, delay: Duration) {
        self.announce();
        tokio::select! {
            biased;
            () = self.begun() => {}
            () = sleep(delay) => self.begin(),
        }
    }

    /// Retires: nothing new is accepted, and each connection ends after its next answer.
    pub fn retire(&self) {
        self.advance_to(Stage::Retiring);
    }

    /// Begins to drain: nothing new is accepted, and requests in flight are finished.
    pub fn begin(&self) {
        self.advance_to(Stage::Draining);
    }

    /// Cuts off all connections at once.
    pub fn abort(&self) {
        self.advance_to(Stage::Aborting);
    }

    /// Whether the shutdown was announced, or has begun.
    #[must_use]
    pub fn is_announced(&self) -> bool {
        *self.stage.borrow() >= Stage::Announced
    }

    /// Begins the shutdown, or aborts it if it has begun. A signal does this.
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

    /// Waits until nothing new is accepted.
    pub(super) async fn closed_to_newcomers(&self) {
        self.reached(Stage::Retiring).await;
    }

    /// Goes through the stages of `other`, and goes on for as long as it is polled.
    pub(super) async fn follow(&self, other: &Self) {
        let mut stage = other.stage.subscribe();
        loop {
            let now = *stage.borrow_and_update();
            self.advance_to(now);
            // The sender lives in `other`, so the channel cannot close before the wait ends.
            let _ = stage.changed().await;
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

/// By this, a connection learns how far the [`Shutdown`] is.
#[derive(Clone, Debug)]
pub(super) struct Begun {
    stage: watch::Receiver<Stage>,
}

impl Begun {
    /// Whether the stage has changed since it was last looked at. This is one atomic load.
    pub(super) fn has_news(&self) -> bool {
        self.stage.has_changed().unwrap_or(true)
    }

    /// From now on, there is news only if the stage changes again.
    pub(super) fn note(&mut self) {
        self.stage.mark_unchanged();
    }

    /// Waits for a stage beyond `known`. If every [`Shutdown`] was dropped, this never completes.
    pub(super) async fn beyond(&mut self, known: Stage) -> Stage {
        let reached = self.stage.wait_for(|now| *now > known).await.map(|now| *now);
        match reached {
            Ok(now) => now,
            Err(_) => std::future::pending().await,
        }
    }
}
