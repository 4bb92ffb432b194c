//! The connections of one runtime to an endpoint.

use std::sync::Arc;

use super::super::connection::Connection;
use super::super::multiplexed;
use super::counts::{ConnectionCounts, Counts};
use super::reaper::Reaper;
use super::stack::Stack;

/// The connections of one runtime to an endpoint.
pub(super) struct Shard {
    pub(super) idle: Stack<Connection>,
    pub(super) multiplexed: Arc<multiplexed::Set>,
    pub(super) counts: Arc<Counts>,
    pub(super) reaper: Reaper,
}

impl Shard {
    pub(super) fn new(max_idle: u16) -> Self {
        Self {
            idle: Stack::new(max_idle),
            multiplexed: Arc::default(),
            counts: Arc::default(),
            reaper: Reaper::default(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.idle.is_empty() && self.multiplexed.is_empty()
    }

    pub(super) fn counts(&self) -> ConnectionCounts {
        self.counts.read(self.idle.len() + self.multiplexed.idle())
    }

    pub(super) fn close_idle(&self) {
        while self.idle.pop().is_some() {}
    }

    pub(super) fn reap(&self, rounds: u32) {
        let is_good = |connection: &mut Box<Connection>| {
            connection.rest();
            connection.wear.note_round() < rounds && !connection.wear.is_worn_out() && !connection.is_dead()
        };
        let newest_first = std::iter::from_fn(|| self.idle.pop()).take(self.idle.capacity());
        let good: Vec<_> = newest_first.filter_map(|mut one| is_good(&mut one).then_some(one)).collect();
        for connection in good.into_iter().rev() {
            let _closed_if_there_are_enough = self.idle.push(connection);
        }
    }
}
