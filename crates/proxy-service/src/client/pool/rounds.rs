//! Keeps idle connections, and closes those that were idle for too long or that the upstream has closed.

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
    /// Keeps an idle connection. Closes it if it is worn out, if the endpoint is retired, or if there are enough. Its
    /// turn ends after that, so that the next request in the queue finds the connection. If the answer was read on
    /// another runtime, which is rare, the connection is closed too.
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

/// Makes the rounds of the reaper, on the runtime that the connections belong to, for as long as there are any.
async fn run(endpoint: Weak<Endpoint>, keeping: Keeping) {
    let round = round(keeping.idle_timeout);
    let rounds = keeping.idle_timeout.div_duration_f64(round).ceil() as u32;
    loop {
        tokio::time::sleep(round).await;
        let Some(endpoint) = endpoint.upgrade() else { return };
        let Some((_, shard)) = Pool::at(&endpoint).and_then(Pool::here) else { return };
        if endpoint.is_retired() {
            // A connection may have been given back while the endpoint was being retired.
            shard.close_idle();
        }
        shard.reap(rounds);
        shard.multiplexed.reap(rounds);
        if shard.is_empty() && shard.reaper.sleep(|| shard.is_empty()) {
            return;
        }
    }
}

/// The time between two rounds: an eighth of the timeout, within bounds. The timeout is kept with this precision.
fn round(idle_timeout: Duration) -> Duration {
    (idle_timeout / 8).clamp(SHORTEST_ROUND, LONGEST_ROUND)
}
