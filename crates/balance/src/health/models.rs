//! Every interleaving of what may come to an endpoint at the same time.
//!
//! `RUSTFLAGS="--cfg loom" cargo test -p balance --lib --release health`
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "tests")]

use std::{sync::Arc, time::Duration};

use loom::thread;

use super::{
    Admission, Condition, Health, Outliers,
    Sent::{Normally, OnTrial},
    SlowStart, Ward,
    window::{Counts, Window},
};
use crate::{
    clock::{Clock, Hand, Moment},
    dice::Dice,
};

fn explore(model: impl Fn() + Send + Sync + 'static) {
    // No bound on preemptions unless LOOM_MAX_PREEMPTIONS says so.
    loom::model::Builder::new().check(model);
}

/// Two endpoints, of which one may be out, and is so after one failure.
struct Pair {
    ward: Ward,
    hand: Hand,
    conditions: [Condition; 2],
}

impl Pair {
    fn new(slow_start: Option<SlowStart>) -> Arc<Self> {
        let (clock, hand) = Clock::by_hand();
        let ward = Ward::new(Some(Outliers::new().consecutive(1)), slow_start, clock, Dice::seeded(1));
        ward.note_members(0, 2);
        let conditions = [Condition::new(&ward), Condition::new(&ward)];
        Arc::new(Self { ward, hand, conditions })
    }

    /// The first is ejected, and its time is up.
    fn with_one_due() -> Arc<Self> {
        let pair = Self::new(None);
        pair.fail(0);
        pair.hand.advance(Duration::from_secs(60));
        pair
    }

    /// The first has a request on trial.
    fn with_one_on_trial() -> Arc<Self> {
        let pair = Self::with_one_due();
        assert!(pair.conditions[0].claim_trial(&pair.ward));
        pair
    }

    fn fail(&self, index: usize) {
        self.conditions[index].failed(&self.ward, Normally);
    }

    fn is_out(&self, index: usize) -> bool {
        self.conditions[index].state().is_out()
    }

    /// With both threads done: the counts are what the endpoints say.
    fn assert_settled(&self) {
        let states = || self.conditions.iter().map(Condition::state);
        let out = states().filter(|state| state.is_out()).count() as u64;
        let unwell = states().filter(|state| state.is_unwell()).count() as u64;
        assert_eq!((self.ward.counted(), self.ward.is_all_well()), ((out, unwell), unwell == 0));
    }
}

/// Runs both at the same time.
fn race<A: 'static, B>(
    pair: &Arc<Pair>,
    other: impl FnOnce(&Pair) -> A + 'static,
    this: impl FnOnce(&Pair) -> B,
) -> (A, B) {
    let theirs = Arc::clone(pair);
    let other = thread::spawn(move || other(&theirs));
    let this = this(pair);
    let outcomes = (other.join().unwrap(), this);
    pair.assert_settled();
    outcomes
}

#[test]
fn of_two_that_fail_one_gets_the_only_place() {
    explore(|| {
        let pair = Pair::new(None);
        race(&pair, |pair| pair.fail(0), |pair| pair.fail(1));
        assert_eq!(pair.ward.counted(), (1, 1));
    });
}

#[test]
fn two_failures_eject_once() {
    explore(|| {
        let pair = Pair::new(None);
        // Two places, so that not the want of one decides it.
        pair.ward.note_members(2, 4);
        race(&pair, |pair| pair.fail(0), |pair| pair.fail(0));
        assert_eq!((pair.ward.counted(), pair.conditions[0].state().times), ((1, 1), 1));
    });
}

#[test]
fn one_request_gets_the_trial() {
    explore(|| {
        let pair = Pair::with_one_due();
        let claim = |pair: &Pair| pair.conditions[0].claim_trial(&pair.ward);
        let claimed: [bool; 2] = race(&pair, claim, claim).into();
        assert_eq!(claimed.iter().filter(|&&claimed| claimed).count(), 1);
        assert_eq!(pair.ward.counted(), (1, 1));
    });
}

/// Whoever sees the second out (it has the place) sees the first in (it gave the place back).
#[test]
fn a_place_is_given_back_after_the_return() {
    explore(|| {
        let pair = Pair::with_one_on_trial();
        race(
            &pair,
            |pair| pair.conditions[0].succeeded(&pair.ward, OnTrial),
            |pair| {
                pair.fail(1);
                assert!(!(pair.is_out(1) && pair.is_out(0)), "two are out");
            },
        );
    });
}

#[test]
fn the_end_of_a_trial_races_a_removal() {
    let ends: [fn(&Condition, &Ward); 3] = [
        |condition, ward| condition.succeeded(ward, OnTrial),
        |condition, ward| condition.failed(ward, OnTrial),
        |condition, ward| condition.abandon_trial(ward),
    ];
    for end in ends {
        explore(move || {
            let pair = Pair::with_one_on_trial();
            race(
                &pair,
                move |pair| end(&pair.conditions[0], &pair.ward),
                |pair| pair.conditions[0].leave(&pair.ward),
            );
            assert_eq!(pair.ward.counted(), (0, 0));
            assert_eq!(pair.conditions[0].health(&pair.ward), Health::Draining);
        });
    }
}

#[test]
fn an_ejection_races_a_removal() {
    explore(|| {
        let pair = Pair::new(None);
        race(&pair, |pair| pair.fail(0), |pair| pair.conditions[0].leave(&pair.ward));
        assert_eq!(pair.ward.counted(), (0, 0));
        assert_eq!(pair.conditions[0].health(&pair.ward), Health::Draining);
    });
}

#[test]
fn two_removals_give_back_once() {
    explore(|| {
        let pair = Pair::with_one_due();
        let leave = |pair: &Pair| pair.conditions[0].leave(&pair.ward);
        race(&pair, leave, leave);
        assert_eq!(pair.ward.counted(), (0, 0));
    });
}

#[test]
fn probes_are_heard_whatever_a_trial_does() {
    let trials: [fn(&Condition, &Ward); 2] =
        [|condition, ward| condition.failed(ward, OnTrial), |condition, ward| condition.abandon_trial(ward)];
    for trial in trials {
        explore(move || {
            let pair = Pair::with_one_on_trial();
            race(
                &pair,
                move |pair| trial(&pair.conditions[0], &pair.ward),
                |pair| pair.conditions[0].came_up(&pair.ward),
            );
            assert_eq!(pair.conditions[0].health(&pair.ward), Health::Available);
            assert_eq!(pair.ward.counted(), (0, 0));
        });
    }
}

#[test]
fn the_end_of_a_slow_start_races_an_ejection() {
    explore(|| {
        let pair = Pair::new(Some(SlowStart::default()));
        pair.conditions[0].came_up(&pair.ward);
        pair.hand.advance(Duration::from_secs(30));
        let admission = |pair: &Pair| pair.conditions[0].admission(&pair.ward);
        let (admission, ()) = race(&pair, admission, |pair| pair.fail(0));
        assert!(matches!(admission, Admission::Open | Admission::Ejected), "{admission:?}");
    });
}

#[test]
fn the_first_counts_of_a_tenth_lose_none() {
    explore(|| {
        let window = Arc::new(Window::new(Duration::from_nanos(10)));
        window.count_failure(Moment::from_nanos(0));
        let now = Moment::from_nanos(10);
        let other = {
            let window = Arc::clone(&window);
            thread::spawn(move || window.count_failure(now))
        };
        window.count_success(now);
        other.join().unwrap();
        assert_eq!(window.counts(now), Counts { failures: 1, total: 2 });
    });
}
