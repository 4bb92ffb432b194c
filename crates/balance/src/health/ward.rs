use std::{fmt, time::Duration};

use super::{
    outliers::Outliers,
    slow_start::SlowStart,
    state::{Phase, State},
};
use crate::{
    clock::{Clock, Moment},
    dice::Dice,
    sync::{AtomicU64, Ordering},
};

/// What the endpoints of a pool share for their health: the rules, and how many endpoints are not healthy.
///
/// Both counts go up before an endpoint changes, and down after it has changed. So for a moment they may be too
/// high, and never too low.
pub(crate) struct Ward {
    pub(super) outliers: Option<Outliers>,
    pub(super) slow_start: Option<SlowStart>,
    pub(super) clock: Clock,
    pub(super) random: Dice,
    members: AtomicU64,
    /// The number of endpoints that are ejected or on trial, of which [`Outliers::max_share`] allows only so many.
    ejected: AtomicU64,
    /// The number of endpoints that are ejected, on trial or in their slow start.
    unwell: AtomicU64,
    /// The number of tasks that dial endpoints which can't be connected to, and bring them back.
    diallers: AtomicU64,
}

impl Ward {
    /// A ward without members, so that no endpoint may be ejected yet.
    pub(crate) fn new(
        outliers: Option<Outliers>,
        slow_start: Option<SlowStart>,
        clock: Clock,
        random: Dice,
    ) -> Self {
        Self {
            outliers,
            slow_start,
            clock,
            random,
            members: AtomicU64::new(0),
            ejected: AtomicU64::new(0),
            unwell: AtomicU64::new(0),
            diallers: AtomicU64::new(0),
        }
    }

    /// Whether no endpoint is ejected, on trial or in its slow start: then picks needn't look at each. A pick that
    /// races an ejection may come before it (`Relaxed`).
    pub(crate) fn is_all_well(&self) -> bool {
        self.unwell.load(Ordering::Relaxed) == 0
    }

    /// Changes the number of members, for the ejections after this call: no endpoint comes back because the pool
    /// got smaller. It is told as a change, so that two changes at a time add up.
    pub(crate) fn note_members(&self, before: usize, after: usize) {
        self.members.fetch_add((after as u64).wrapping_sub(before as u64), Ordering::Relaxed);
    }

    /// The present time of the clock.
    pub(crate) fn now(&self) -> Moment {
        self.clock.now()
    }

    /// Counts what `to` counts for and `from` doesn't. Returns false, and counts nothing, if too many endpoints
    /// would be out. An ejection by hand always has a place.
    ///
    /// `Acquire` here and `Release` in [`settle`](Self::settle): a thread that sees an endpoint out also sees the
    /// endpoint back in whose place it took.
    pub(super) fn reserve(&self, from: State, to: State) -> bool {
        if to.is_out() && !from.is_out() {
            let places = if to.phase == Phase::SetAside { u64::MAX } else { self.places() };
            let taken = self.ejected.fetch_update(Ordering::Acquire, Ordering::Relaxed, |ejected| {
                (ejected < places).then_some(ejected + 1)
            });
            if taken.is_err() {
                return false;
            }
        }
        if to.is_unwell() && !from.is_unwell() {
            self.unwell.fetch_add(1, Ordering::Relaxed);
        }
        true
    }

    /// Stops counting what `from` counts for and `to` doesn't.
    pub(super) fn settle(&self, from: State, to: State) {
        if from.is_unwell() && !to.is_unwell() {
            self.unwell.fetch_sub(1, Ordering::Relaxed);
        }
        if from.is_out() && !to.is_out() {
            self.ejected.fetch_sub(1, Ordering::Release);
        }
    }

    /// The part of its turns that an endpoint takes whose slow start began at `since`, after an outage of length
    /// `outage`; `None` once it takes them all.
    pub(super) fn part(&self, since: Moment, outage: Duration) -> Option<u32> {
        self.slow_start?.part(self.clock.now().since(since), outage)
    }

    /// Whether `state` is an ejection by hand that is over. Nobody may have noticed yet.
    pub(super) fn is_over(&self, state: State) -> bool {
        state.phase == Phase::SetAside && state.at <= self.clock.now()
    }

    /// Whether a task dials endpoints that can't be connected to, so that no request need be risked on them.
    pub(super) fn is_dialled(&self) -> bool {
        self.diallers.load(Ordering::Relaxed) > 0
    }

    #[cfg(feature = "probes")]
    pub(super) fn begin_to_dial(&self) {
        self.diallers.fetch_add(1, Ordering::Relaxed);
    }

    #[cfg(feature = "probes")]
    pub(super) fn stop_dialling(&self) {
        self.diallers.fetch_sub(1, Ordering::Relaxed);
    }

    /// How many endpoints may be out at a time.
    fn places(&self) -> u64 {
        let members = self.members.load(Ordering::Relaxed);
        self.outliers.map_or(0, |outliers| outliers.places(members))
    }
}

impl fmt::Debug for Ward {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ward")
            .field("outliers", &self.outliers)
            .field("slow_start", &self.slow_start)
            .field("members", &self.members.load(Ordering::Relaxed))
            .field("ejected", &self.ejected.load(Ordering::Relaxed))
            .field("unwell", &self.unwell.load(Ordering::Relaxed))
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
impl Ward {
    /// How many endpoints are counted as out, and how many as not healthy.
    pub(crate) fn counted(&self) -> (u64, u64) {
        (self.ejected.load(Ordering::Acquire), self.unwell.load(Ordering::Acquire))
    }
}
