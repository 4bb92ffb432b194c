use std::{fmt, time::Duration};

use super::{outliers::Outliers, slow_start::SlowStart, state::State};
use crate::{
    clock::{Clock, Moment},
    dice::Dice,
    sync::{AtomicU64, Ordering},
};

/// What the endpoints of one pool share of health: its rules, and how many of them are not well.
///
/// Both counts go up before an endpoint changes, and down after it did: they may be ahead of the endpoints for a moment,
/// never behind.
pub(crate) struct Ward {
    pub(super) outliers: Option<Outliers>,
    pub(super) slow_start: Option<SlowStart>,
    pub(super) clock: Clock,
    pub(super) random: Dice,
    members: AtomicU64,
    /// Places taken of those that [`Outliers::max_share`] allows: ejected or on trial.
    ejected: AtomicU64,
    /// Ejected, on trial or warming.
    unwell: AtomicU64,
    /// Who dials those that nobody can connect to, and brings them back.
    diallers: AtomicU64,
}

impl Ward {
    /// Of no members yet, and so with nobody who may be ejected.
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

    /// Whether nobody is ejected, on trial or warming: then picks look at nothing else. A pick that races an ejection
    /// may come before it (`Relaxed`).
    pub(crate) fn is_all_well(&self) -> bool {
        self.unwell.load(Ordering::Relaxed) == 0
    }

    /// Counts for ejections from here on: nobody comes back because the pool got smaller. Told as a change, so that two
    /// that race add up.
    pub(crate) fn note_members(&self, before: usize, after: usize) {
        self.members.fetch_add((after as u64).wrapping_sub(before as u64), Ordering::Relaxed);
    }

    /// The time now.
    pub(crate) fn now(&self) -> Moment {
        self.clock.now()
    }

    /// Takes what `to` counts for and `from` doesn't; false, and nothing taken, if too many are out.
    ///
    /// `Acquire` against the `Release` of [`settle`](Self::settle): whoever sees the one that got a place out sees the
    /// one that gave it back in.
    pub(super) fn reserve(&self, from: State, to: State) -> bool {
        if to.is_out() && !from.is_out() {
            let places = self.places();
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

    /// Gives back what `from` counts for and `to` doesn't.
    pub(super) fn settle(&self, from: State, to: State) {
        if from.is_unwell() && !to.is_unwell() {
            self.unwell.fetch_sub(1, Ordering::Relaxed);
        }
        if from.is_out() && !to.is_out() {
            self.ejected.fetch_sub(1, Ordering::Release);
        }
    }

    /// The part of its turns that an endpoint takes which is warming `since` then, after an `outage` of that length;
    /// `None` once it takes them all.
    pub(super) fn part(&self, since: Moment, outage: Duration) -> Option<u32> {
        self.slow_start?.part(self.clock.now().since(since), outage)
    }

    /// Whether somebody finds out, without risking a request, when those can be connected to again that can't be now.
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

    /// The most that may be out at a time.
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
    /// How many are counted out, and how many unwell.
    pub(crate) fn counted(&self) -> (u64, u64) {
        (self.ejected.load(Ordering::Acquire), self.unwell.load(Ordering::Acquire))
    }
}
