//! Closing connections that were idle for too long, and letting go of those that the upstream closed.

use std::sync::Weak;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::super::Payload;
use super::super::connection::Connection;
use super::super::endpoint::Endpoint;
use super::{Keeping, Pool, Shard};

const SHORTEST_ROUND: Duration = Duration::from_millis(10);
const LONGEST_ROUND: Duration = Duration::from_secs(1);

/// Whether a task goes round.
#[derive(Debug, Default)]
pub(super) struct Reaper {
    is_awake: AtomicBool,
}

impl Reaper {
    /// Spawns what `run` makes, unless it runs already.
    pub(super) fn wake<F>(&self, run: impl FnOnce() -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        if !self.is_awake.load(Ordering::Acquire) && !self.is_awake.swap(true, Ordering::AcqRel) {
            tokio::spawn(run());
        }
    }

    /// Says whether it may: not if something came in just now.
    fn sleep(&self, is_empty: impl FnOnce() -> bool) -> bool {
        self.is_awake.store(false, Ordering::Release);
        is_empty() || self.is_awake.swap(true, Ordering::AcqRel)
    }
}

/// Goes round, on the runtime whose connections these are, for as long as there are any.
pub(super) async fn run<B: Payload>(endpoint: Weak<Endpoint>, keeping: Keeping) {
    let round = round(keeping.idle_timeout);
    let rounds = keeping.idle_timeout.div_duration_f64(round).ceil() as u32;
    loop {
        tokio::time::sleep(round).await;
        let Some(endpoint) = endpoint.upgrade() else { return };
        let Some((_, shard)) = endpoint.pool::<B>().and_then(Pool::here) else { return };
        if endpoint.is_retired() {
            // One may have been given back at that very moment.
            shard.close_idle();
        }
        shard.reap(rounds);
        shard.multiplexed.reap(rounds);
        if shard.is_empty() && shard.reaper.sleep(|| shard.is_empty()) {
            return;
        }
    }
}

/// An eighth of the timeout, within reason: so exactly is it kept.
fn round(idle_timeout: Duration) -> Duration {
    (idle_timeout / 8).clamp(SHORTEST_ROUND, LONGEST_ROUND)
}

impl<B: Payload> Shard<B> {
    pub(super) fn close_idle(&self) {
        while self.idle.pop().is_some() {}
    }

    fn reap(&self, rounds: u32) {
        let is_good = |connection: &mut Box<Connection<B>>| {
            connection.wear.note_round() < rounds && !connection.wear.is_worn_out() && !connection.is_dead()
        };
        let newest_first = std::iter::from_fn(|| self.idle.pop()).take(self.idle.capacity());
        let good: Vec<_> = newest_first.filter_map(|mut one| is_good(&mut one).then_some(one)).collect();
        for connection in good.into_iter().rev() {
            let _closed_if_there_are_enough = self.idle.push(connection);
        }
    }
}
