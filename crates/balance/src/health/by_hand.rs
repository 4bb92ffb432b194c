//! What somebody who operates the pool changes in the health of an endpoint, and what they can see of it.

use std::time::Duration;

use super::{
    Condition, Ward,
    cause::Cause,
    ejected::Ejected,
    state::{Phase, State},
};
use crate::{clock::Moment, sync::Ordering};

impl Condition {
    /// Ejects the endpoint for `time`, whatever its requests did, and however many others are out. Returns whether it
    /// did: it doesn't if the endpoint was drained or removed.
    pub(crate) fn set_aside(&self, ward: &Ward, time: Duration) -> bool {
        loop {
            let (state, now) = (self.state(), ward.now());
            if state.phase == Phase::Gone {
                return false;
            }
            if !state.is_out() {
                self.out_since.store(now.as_nanos(), Ordering::Relaxed);
            }
            let aside = State { phase: Phase::SetAside, at: now + time, ..state };
            if self.change(ward, state, aside) {
                self.times.fetch_add(1, Ordering::Relaxed);
                return true;
            }
        }
    }

    /// Somebody has taken the endpoint out of use for a while.
    pub(crate) fn was_paused(&self, ward: &Ward) {
        if !self.state().is_out() {
            self.out_since.store(ward.now().as_nanos(), Ordering::Relaxed);
        }
    }

    /// The endpoint is in use again. That ends an ejection, and begins the slow start.
    pub(crate) fn was_resumed(&self, ward: &Ward) {
        loop {
            let state = self.state();
            if state.phase == Phase::Gone || self.restore(ward, state) {
                return;
            }
        }
    }

    /// Ends whatever ejection there is.
    pub(crate) fn end_ejection(&self, ward: &Ward) {
        loop {
            let state = self.state();
            if !state.is_out() || self.restore(ward, state) {
                return;
            }
        }
    }

    /// Since when the endpoint is as it is; the clock's beginning if it always was.
    pub(crate) fn since(&self, ward: &Ward) -> Moment {
        let state = self.state();
        match state.phase {
            Phase::SetAside if ward.is_over(state) => state.at,
            Phase::Ejected | Phase::Unreachable | Phase::SetAside => {
                Moment::from_nanos(self.out_since.load(Ordering::Relaxed))
            }
            Phase::Well | Phase::Warming | Phase::Trial | Phase::Gone => state.at,
        }
    }

    pub(crate) fn ejected(&self, ward: &Ward) -> Option<Ejected> {
        let state = self.state();
        let cause = match state.phase {
            Phase::SetAside if ward.is_over(state) => return None,
            Phase::SetAside => Cause::ByHand,
            Phase::Ejected | Phase::Unreachable | Phase::Trial => {
                Cause::from_word(self.cause.load(Ordering::Relaxed))
            }
            Phase::Well | Phase::Warming | Phase::Gone => return None,
        };
        let left = if state.phase == Phase::Trial { Duration::ZERO } else { state.at.since(ward.now()) };
        Some(Ejected { cause, is_unreachable: state.phase == Phase::Unreachable, left })
    }

    /// How many ejections there were.
    pub(crate) fn ejections_in_all(&self) -> u64 {
        self.times.load(Ordering::Relaxed)
    }

    /// How many ejections count for the length of the next one.
    pub(crate) fn ejections(&self, ward: &Ward) -> u16 {
        let state = self.state();
        let is_forgotten = !state.is_out()
            && ward.outliers.is_none_or(|outliers| ward.now().since(state.at) >= outliers.max_ejection);
        if is_forgotten { 0 } else { state.times }
    }

    pub(crate) fn failures_in_a_row(&self) -> u32 {
        self.tally.in_a_row()
    }

    /// How many of its latest requests failed, and how many there were.
    pub(crate) fn recent(&self, ward: &Ward) -> Option<(u64, u64)> {
        self.tally.recent(ward).map(|counts| (counts.failures, counts.total))
    }

    /// The part of its turns that it takes: 1 if it is well, 0 if it is out.
    pub(crate) fn part(&self, ward: &Ward) -> f64 {
        let state = self.state();
        match state.phase {
            Phase::Well => 1.0,
            Phase::Warming => ward.part(state.at, self.outage()).map_or(1.0, |part| f64::from(part) / PARTS),
            Phase::SetAside if ward.is_over(state) => 1.0,
            Phase::Ejected | Phase::Unreachable | Phase::SetAside | Phase::Trial | Phase::Gone => 0.0,
        }
    }
}

/// Parts of a turn are counted in 2^-32.
const PARTS: f64 = (1_u64 << 32) as f64;
