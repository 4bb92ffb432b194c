//! `Fetched`: the keys of a URL, which is asked again and again.

use std::fmt;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep, timeout};

use super::fetch::{Failed, Fetch};
use crate::config::KeySet;

/// How long after a round another one begins, though a token names a key that isn't known. A stranger can't have the URL
/// asked more often.
const COOLDOWN: Duration = Duration::from_secs(30);
/// How long after a first round that failed another one begins. It doubles with each that fails.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// The keys of a URL. They stay while it can't be asked.
pub(in crate::route::entry) struct Fetched {
    keys: ArcSwapOption<KeySet>,
    fetch: Fetch,
    refresh: Duration,
    rounds: watch::Sender<Rounds>,
    wanted: Notify,
}

/// How often the URL was asked.
#[derive(Clone, Copy, Debug, Default)]
struct Rounds {
    /// Whether somebody asks it.
    is_attended: bool,
    ended: u64,
    /// When the last one ended.
    last: Option<Instant>,
}

impl Fetched {
    pub(super) fn new(fetch: Fetch, refresh: Duration) -> Self {
        Self {
            keys: ArcSwapOption::empty(),
            fetch,
            refresh,
            rounds: watch::Sender::default(),
            wanted: Notify::new(),
        }
    }

    pub(super) fn keys(&self) -> Option<KeySet> {
        self.keys.load().as_deref().cloned()
    }

    /// Whether a round is under way, or may begin.
    pub(super) fn may_be_older(&self) -> bool {
        let rounds = *self.rounds.borrow();
        rounds.is_attended && rounds.last.is_none_or(|last| last.elapsed() >= COOLDOWN)
    }

    /// Has a round begin, and waits for its end, or for a while.
    pub(super) async fn renewed(&self, patience: Duration) {
        let mut rounds = self.rounds.subscribe();
        let before = rounds.borrow_and_update().ended;
        self.wanted.notify_one();
        let _or_not_in_time = timeout(patience, rounds.wait_for(|rounds| rounds.ended > before)).await;
    }

    /// Asks the URL now, after each pause, and if somebody wants newer keys.
    pub(super) async fn run(&self) {
        self.rounds.send_modify(|rounds| rounds.is_attended = true);
        let mut failed = 0_u32;
        loop {
            failed = match self.fetch.keys().await {
                Ok(keys) => self.take(keys),
                Err(why) => self.report(&why, failed),
            };
            self.rounds.send_modify(|rounds| {
                rounds.ended += 1;
                rounds.last = Some(Instant::now());
            });
            self.pause(failed).await;
        }
    }

    fn take(&self, keys: KeySet) -> u32 {
        if self.keys.load().as_deref() != Some(&keys) {
            tracing::info!(target: "gateway::jwt", url = %self.fetch, keys = keys.len(), "keys for tokens have come");
            self.keys.store(Some(keys.into()));
        }
        0
    }

    fn report(&self, why: &Failed, before: u32) -> u32 {
        let has_keys = self.keys.load().is_some();
        tracing::warn!(target: "gateway::jwt", url = %self.fetch, %why, has_keys, "keys for tokens can't be fetched");
        before.saturating_add(1)
    }

    /// Waits until the next round. Nobody can have it begin within the time that a stranger may not shorten.
    async fn pause(&self, failed: u32) {
        let pause = match failed {
            0 => self.refresh,
            failed => FIRST_PAUSE.saturating_mul(1 << (failed - 1).min(16)).min(self.refresh),
        };
        let wanted = async {
            sleep(COOLDOWN).await;
            self.wanted.notified().await;
        };
        tokio::select! {
            () = sleep(pause) => {}
            () = wanted => {}
        }
    }
}

impl fmt::Debug for Fetched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fetched").field("keys", &self.keys()).finish_non_exhaustive()
    }
}
