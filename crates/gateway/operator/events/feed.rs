//! `Feed`: what all readers of `/events` are shown, rendered once for all of them.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use bytes::Bytes;
use serde::Serialize;
use tokio::time::Instant;

use crate::live::Handle;
use crate::operator::desk::Desk;
use crate::operator::view::{Errors, History, Pools, Routes, Sample, Status};

/// How often the state of the endpoints is looked at while somebody reads.
pub(super) const LOOK: Duration = Duration::from_millis(100);
/// How many looks there are from one tick to the next.
const LOOKS_A_TICK: u64 = 10;

/// The last look at the gateway, which all readers share. It is made by the reader that comes first.
#[derive(Debug)]
pub(super) struct Feed {
    began: Instant,
    last: ArcSwapOption<Look>,
}

/// A look at the gateway.
#[derive(Debug)]
pub(super) struct Look {
    /// Its number since the feed began.
    number: u64,
    /// A hash of the states of all endpoints. Another one means that something has changed.
    pub(super) states: u64,
    /// How many requests had failed.
    pub(super) failures: u64,
    tick: OnceLock<Bytes>,
    pools: OnceLock<Bytes>,
}

#[derive(Serialize)]
struct Tick {
    status: Status,
    #[serde(flatten)]
    routes: Routes,
    #[serde(flatten)]
    pools: Pools,
    sample: Option<Sample>,
}

#[derive(Serialize)]
struct Snapshot {
    status: Status,
    #[serde(flatten)]
    routes: Routes,
    #[serde(flatten)]
    pools: Pools,
    history: History,
    #[serde(flatten)]
    errors: Errors,
}

impl Feed {
    pub(super) fn new() -> Self {
        Self { began: Instant::now(), last: ArcSwapOption::empty() }
    }

    /// When the next look is due.
    pub(super) fn next(&self) -> Instant {
        let number = u32::try_from(self.number() + 1).unwrap_or(u32::MAX);
        self.began + LOOK.saturating_mul(number)
    }

    /// The look that is due now. If two readers come at once, both make one, and either counts.
    pub(super) fn look(&self, handle: &Handle) -> Arc<Look> {
        let number = self.number();
        if let Some(last) = self.last.load_full().filter(|last| last.number == number) {
            return last;
        }
        let look = Arc::new(Look {
            number,
            states: states(handle),
            failures: handle.observed().failures().count(),
            tick: OnceLock::new(),
            pools: OnceLock::new(),
        });
        self.last.store(Some(Arc::clone(&look)));
        look
    }

    fn number(&self) -> u64 {
        let looks = self.began.elapsed().as_millis() / LOOK.as_millis();
        u64::try_from(looks).unwrap_or(u64::MAX)
    }
}

impl Look {
    /// The number of its tick: looks of the same second have the same.
    pub(super) fn second(&self) -> u64 {
        self.number / LOOKS_A_TICK
    }

    pub(super) fn tick(&self, desk: &Desk) -> Bytes {
        let render = || {
            let (routes, pools) = (Routes::of(&desk.handle), Pools::of(&desk.handle));
            let sample = Sample::last(&desk.handle);
            event("tick", &Tick { status: Status::of(desk), routes, pools, sample })
        };
        self.tick.get_or_init(render).clone()
    }

    pub(super) fn pools(&self, desk: &Desk) -> Bytes {
        self.pools.get_or_init(|| event("pools", &Pools::of(&desk.handle))).clone()
    }
}

/// All that a reader needs at first.
pub(super) fn snapshot(desk: &Desk) -> Bytes {
    let handle = &desk.handle;
    let (routes, pools) = (Routes::of(handle), Pools::of(handle));
    let (history, errors) = (History::of(handle), Errors::of(handle));
    event("snapshot", &Snapshot { status: Status::of(desk), routes, pools, history, errors })
}

/// An event as it is sent. JSON has no line ends, so that one line is enough.
pub(super) fn event(name: &str, data: &impl Serialize) -> Bytes {
    let data = serde_json::to_string(data).unwrap_or_default();
    format!("event: {name}\ndata: {data}\n\n").into()
}

fn states(handle: &Handle) -> u64 {
    let mut hasher = DefaultHasher::new();
    for pool in handle.pools().iter() {
        pool.name().hash(&mut hasher);
        for endpoint in pool.endpoints().snapshot() {
            (endpoint.id(), endpoint.health(), endpoint.weight()).hash(&mut hasher);
        }
    }
    hasher.finish()
}
