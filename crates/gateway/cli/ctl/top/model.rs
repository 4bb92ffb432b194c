//! What is shown.

use std::collections::VecDeque;

use super::super::seen::{Endpoint, Failure, Pool, Pools, Sample, Snapshot, Status, Tick};
use super::super::stream::Event;
use super::keys::Look;

/// How many seconds are kept.
const KEPT: usize = 900;

/// What is known of the gateway, and where a person looks.
#[derive(Default)]
pub(super) struct Model {
    pub(super) status: Status,
    pub(super) pools: Vec<Pool>,
    pub(super) history: VecDeque<Sample>,
    pub(super) last_failure: Option<Failure>,
    /// Why nothing is heard of the gateway at present.
    pub(super) lost: Option<String>,
    /// What came of the last thing that was done.
    pub(super) said: Option<String>,
    pub(super) shows_help: bool,
    /// The endpoint, counted over all pools.
    pub(super) index: usize,
}

impl Model {
    pub(super) fn learn(&mut self, event: &Event) {
        self.lost = None;
        match event.name.as_str() {
            "snapshot" => {
                let Snapshot { status, pools, history } = event.read();
                (self.status, self.pools) = (status, pools);
                let at = |values: &[Option<f64>], second: usize| values.get(second).copied().flatten();
                let second = |second: usize, requests: &f64| Sample {
                    at: String::new(),
                    requests: *requests,
                    errors: history.errors.get(second).copied().unwrap_or(0.0),
                    in_flight: history.in_flight.get(second).copied().unwrap_or(0.0),
                    p50_ms: at(&history.p50_ms, second),
                    p99_ms: at(&history.p99_ms, second),
                };
                let all = history.requests.iter().enumerate();
                self.history = all.map(|(nth, requests)| second(nth, requests)).collect();
            }
            "tick" => {
                let Tick { status, pools, sample } = event.read();
                (self.status, self.pools) = (status, pools);
                self.history.extend(sample);
            }
            "pools" => self.pools = event.read::<Pools>().pools,
            "failure" => self.last_failure = Some(event.read()),
            _ => {}
        }
        while self.history.len() > KEPT {
            self.history.pop_front();
        }
        self.index = self.index.min(self.endpoints().count().saturating_sub(1));
    }

    pub(super) fn lose(&mut self, why: String) {
        self.lost = Some(why);
    }

    pub(super) fn say(&mut self, what: String) {
        self.said = Some(what);
    }

    pub(super) fn look(&mut self, look: Look) {
        let last = self.endpoints().count().saturating_sub(1);
        match look {
            Look::Up => self.index = self.index.saturating_sub(1),
            Look::Down => self.index = (self.index + 1).min(last),
            Look::First => self.index = 0,
            Look::Last => self.index = last,
            Look::Help => self.shows_help = !self.shows_help,
        }
    }

    pub(super) fn selected(&self) -> Option<(&Pool, &Endpoint)> {
        self.endpoints().nth(self.index)
    }

    fn endpoints(&self) -> impl Iterator<Item = (&Pool, &Endpoint)> {
        self.pools.iter().flat_map(|pool| pool.endpoints.iter().map(move |endpoint| (pool, endpoint)))
    }
}
