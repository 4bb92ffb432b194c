#![allow(clippy::indexing_slicing, clippy::unwrap_used, clippy::panic, reason = "tests")]

mod ejections;
mod life;
mod model;
mod threads;
mod warming;

use std::time::Duration;

use super::{
    Admission, Condition, Fault, Health, Outliers, Pass, Sent::Normally, SlowStart, Ward, state::State,
};
use crate::{
    clock::{Clock, Hand},
    dice::Dice,
};

const SECOND: Duration = Duration::from_secs(1);
/// The number of failures in a row that eject by default.
const DEFAULT_ROW: usize = 5;

/// A pool whose clock stands still.
struct Pool {
    ward: Ward,
    hand: Hand,
    conditions: Vec<Condition>,
}

impl Pool {
    fn new(members: usize, outliers: Outliers, slow_start: Option<SlowStart>) -> Self {
        let (clock, hand) = Clock::by_hand();
        let ward = Ward::new(Some(outliers), slow_start, clock, Dice::seeded(members as u64));
        ward.note_members(0, members);
        let conditions = (0..members).map(|_| Condition::new(&ward)).collect();
        Self { ward, hand, conditions }
    }

    /// How many endpoints are out and how many aren't healthy, by their own states.
    fn states(&self) -> (u64, u64) {
        let count = |is: fn(State) -> bool| {
            self.conditions.iter().filter(|condition| is(condition.state())).count() as u64
        };
        (count(State::is_out), count(State::is_unwell))
    }

    /// Two endpoints. The first is the one that is tested.
    fn pair(slow_start: Option<SlowStart>) -> Self {
        Self::new(2, Outliers::new(), slow_start)
    }

    fn first(&self) -> &Condition {
        &self.conditions[0]
    }

    fn fail(&self, times: usize) {
        (0..times).for_each(|_| self.first().fail_now(&self.ward));
    }

    fn admission(&self) -> Admission {
        self.first().admission(&self.ward)
    }

    fn health(&self) -> Health {
        self.first().health(&self.ward)
    }

    /// How many of its next `turns` it takes.
    fn taken_of(&self, turns: usize) -> usize {
        (0..turns).filter(|_| self.admission() == Admission::Open).count()
    }

    /// Lets time pass until the ejection is over, in steps of 0.1 s, and says how long that took, in seconds.
    fn wait_until_due(&self) -> f64 {
        let steps = (0_u32..).take_while(|_| {
            let is_out = self.admission() == Admission::Ejected;
            if is_out {
                self.hand.advance(SECOND / 10);
            }
            is_out
        });
        steps.count() as f64 / 10.0
    }

    fn claim_trial(&self) -> Option<Pass> {
        self.first().claim_trial(&self.ward)
    }

    fn end_trial(&self, end: impl Fn(&Condition, &Ward, Pass)) {
        end(self.first(), &self.ward, self.claim_trial().unwrap());
    }

    /// Probes find the first down, and up again after `outage`.
    fn is_down_for(&self, outage: Duration) {
        self.first().went_down(&self.ward);
        self.hand.advance(outage);
        self.first().came_up(&self.ward);
    }

    #[track_caller]
    fn assert_counts(&self, out: u64, unwell: u64) {
        assert_eq!(self.ward.counted(), (out, unwell));
        assert_eq!(self.states(), (out, unwell));
        assert_eq!(self.ward.is_all_well(), unwell == 0);
    }
}

impl Condition {
    fn fails(&self, ward: &Ward, pass: Pass) {
        self.failed(ward, pass, Fault::Other);
    }

    fn succeeds(&self, ward: &Ward, pass: Pass) {
        self.succeeded(ward, pass);
    }

    /// Reports the failure of a request that was sent just now.
    fn fail_now(&self, ward: &Ward) {
        self.fails(ward, self.pass(Normally));
    }

    fn succeed_now(&self, ward: &Ward) {
        self.succeeds(ward, self.pass(Normally));
    }
}
