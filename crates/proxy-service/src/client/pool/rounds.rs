//! Keeping connections that are idle, closing those that were idle for too long, and letting go of those that the upstream
//! closed.

use std::sync::{Arc, Weak};
use std::time::Duration;

use super::super::connection::Connection;
use super::super::endpoint::Endpoint;
use super::Pool;
use super::shard::Shard;
use super::wear::Keeping;

const SHORTEST_ROUND: Duration = Duration::from_millis(10);
const LONGEST_ROUND: Duration = Duration::from_secs(1);

impl Pool {
    /// Keeps a connection that is idle, unless it is worn out or there are enough. Its turn ends after that, so that the next
    /// in line finds it. An answer that was read on another runtime is a rare thing: its connection is closed.
    pub(super) fn keep(&self, mut connection: Box<Connection>, endpoint: &Arc<Endpoint>) {
        let is_of_use = !connection.wear.is_worn_out() && !endpoint.is_retired();
        let home = self.here().filter(|(index, _)| is_of_use && connection.home() == Some(*index));
        let Some((_, shard)) = home else { return };
        let _turn = connection.end_turn();
        connection.wear.note_rest();
        if shard.idle.push(connection).is_ok() {
            self.wake_reaper(shard, endpoint);
        }
    }

    pub(super) fn wake_reaper(&self, shard: &Shard, endpoint: &Arc<Endpoint>) {
        shard.reaper.wake(|| run(Arc::downgrade(endpoint), self.client.keeping));
    }
}

/// Goes round, on the runtime whose connections these are, for as long as there are any.
async fn run(endpoint: Weak<Endpoint>, keeping: Keeping) {
    let round = round(keeping.idle_timeout);
    let rounds = keeping.idle_timeout.div_duration_f64(round).ceil() as u32;
    loop {
        tokio::time::sleep(round).await;
        let Some(endpoint) = endpoint.upgrade() else { return };
        let Some((_, shard)) = Pool::at(&endpoint).and_then(Pool::here) else { return };
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
