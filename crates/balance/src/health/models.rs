//! Every interleaving of what may happen to an endpoint at the same time.
//!
//! `RUSTFLAGS="--cfg loom" cargo test -p balance --lib --release health`
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "tests")]

use std::{sync::Arc, time::Duration};

use loom::thread;

use super::{
    Admission, Condition, Fault, Health, Outliers, Pass,
    Sent::Normally,
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

/// Two endpoints, of which one may be out. One failure ejects.
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

    /// The first is ejected, and due for a trial.
    fn with_one_due() -> Arc<Self> {
        let pair = Self::new(None);
        pair.fail(0);
        pair.hand.advance(Duration::from_secs(60));
        pair
    }

    /// The first has a request on trial.
    fn with_one_on_trial() -> (Arc<Self>, Pass) {
        let pair = Self::with_one_due();
        let trial = pair.conditions[0].claim_trial(&pair.ward).unwrap();
        (pair, trial)
    }

    /// No connection can be made to the first.
    fn with_one_unreachable() -> Arc<Self> {
        let pair = Self::new(None);
        let condition = &pair.conditions[0];
        assert!(condition.failed(&pair.ward, condition.pass(Normally), Fault::Connecting));
        pair
    }

    fn fail(&self, index: usize) {
        let condition = &self.conditions[index];
        condition.failed(&self.ward, condition.pass(Normally), Fault::Other);
    }

    fn is_out(&self, index: usize) -> bool {
        self.conditions[index].state().is_out()
    }

    /// Both threads are done: the counts are what the endpoints say.
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
        // There are two places, so that a lack of places doesn't decide it.
        pair.ward.note_members(2, 4);
        race(&pair, |pair| pair.fail(0), |pair| pair.fail(0));
        assert_eq!((pair.ward.counted(), pair.conditions[0].state().times), ((1, 1), 1));
    });
}

#[test]
fn one_request_gets_the_trial() {
    explore(|| {
        let pair = Pair::with_one_due();
        let claim = |pair: &Pair| pair.conditions[0].claim_trial(&pair.ward).is_some();
        let claimed: [bool; 2] = race(&pair, claim, claim).into();
        assert_eq!(claimed.iter().filter(|&&claimed| claimed).count(), 1);
        assert_eq!(pair.ward.counted(), (1, 1));
    });
}

/// A thread that sees the second out, which has the place, sees the first in, which gave the place back.
#[test]
fn a_place_is_given_back_after_the_return() {
    explore(|| {
        let (pair, trial) = Pair::with_one_on_trial();
        race(
            &pair,
            move |pair| pair.conditions[0].succeeded(&pair.ward, trial),
            |pair| {
                pair.fail(1);
                assert!(!(pair.is_out(1) && pair.is_out(0)), "two are out");
            },
        );
    });
}

const ENDS: [fn(&Condition, &Ward, Pass); 3] = [
    |condition, ward, trial| {
        condition.succeeded(ward, trial);
    },
    |condition, ward, trial| {
        condition.failed(ward, trial, Fault::Other);
    },
    Condition::abandon_trial,
];

#[test]
fn the_end_of_a_trial_races_a_removal() {
    for end in ENDS {
        explore(move || {
            let (pair, trial) = Pair::with_one_on_trial();
            race(
                &pair,
                move |pair| end(&pair.conditions[0], &pair.ward, trial),
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
    let [_, failed, abandoned] = ENDS;
    for end in [failed, abandoned] {
        explore(move || {
            let (pair, trial) = Pair::with_one_on_trial();
            race(
                &pair,
                move |pair| end(&pair.conditions[0], &pair.ward, trial),
                |pair| pair.conditions[0].came_up(&pair.ward),
            );
            assert_eq!(pair.conditions[0].health(&pair.ward), Health::Available);
            assert_eq!(pair.ward.counted(), (0, 0));
        });
    }
}

#[test]
fn a_dial_that_comes_to_somebody_races_a_removal() {
    explore(|| {
        let pair = Pair::with_one_unreachable();
        let ejection = pair.conditions[0].ejection().unwrap();
        race(
            &pair,
            move |pair| pair.conditions[0].was_reached(&pair.ward, ejection.life),
            |pair| pair.conditions[0].leave(&pair.ward),
        );
        assert_eq!(pair.ward.counted(), (0, 0));
        assert_eq!(pair.conditions[0].health(&pair.ward), Health::Draining);
    });
}

/// The dial belongs to one ejection, and changes nothing in the next.
#[test]
fn a_dial_brings_back_only_from_the_ejection_that_it_was_for() {
    explore(|| {
        let pair = Pair::with_one_unreachable();
        let ejection = pair.conditions[0].ejection().unwrap();
        let (is_back, ()) = race(
            &pair,
            move |pair| pair.conditions[0].was_reached(&pair.ward, ejection.life),
            |pair| {
                pair.conditions[0].came_up(&pair.ward);
                pair.fail(0);
            },
        );
        assert!(pair.is_out(0) || is_back, "the failure came in a life of its own, or before the return");
        if !is_back {
            assert_eq!(pair.conditions[0].ejection().map(|ejection| ejection.is_by_connecting), Some(false));
        }
    });
}

/// A failure of an earlier life doesn't count, whatever happens in between.
#[test]
fn a_late_failure_ejects_nobody_who_is_back() {
    explore(|| {
        let pair = Pair::new(None);
        let late = pair.conditions[0].pass(Normally);
        pair.hand.advance(Duration::from_secs(1));
        pair.fail(0);
        race(
            &pair,
            move |pair| pair.conditions[0].failed(&pair.ward, late, Fault::Other),
            |pair| pair.conditions[0].came_up(&pair.ward),
        );
        assert_eq!(pair.conditions[0].health(&pair.ward), Health::Available);
    });
}

#[test]
fn an_ejection_by_hand_holds_whatever_a_request_or_a_trial_does() {
    for end in ENDS {
        explore(move || {
            let (pair, trial) = Pair::with_one_on_trial();
            race(
                &pair,
                move |pair| end(&pair.conditions[0], &pair.ward, trial),
                |pair| assert!(pair.conditions[0].set_aside(&pair.ward, Duration::from_secs(9))),
            );
            assert_eq!(pair.conditions[0].health(&pair.ward), Health::Ejected);
            assert_eq!(pair.ward.counted(), (1, 1));
        });
    }
    explore(|| {
        let pair = Pair::new(None);
        let aside = |pair: &Pair| pair.conditions[0].set_aside(&pair.ward, Duration::from_secs(9));
        race(&pair, |pair| pair.fail(1), aside);
        assert!(pair.is_out(0));
        race(
            &pair,
            |pair| pair.conditions[1].end_ejection(&pair.ward),
            |pair| {
                pair.conditions[0].end_ejection(&pair.ward);
            },
        );
        assert_eq!(pair.ward.counted(), (0, 0));
    });
}

#[test]
fn the_end_of_an_ejection_by_hand_is_noticed_once() {
    explore(|| {
        let pair = Pair::new(None);
        pair.conditions[0].set_aside(&pair.ward, Duration::from_secs(9));
        pair.hand.advance(Duration::from_secs(9));
        let admission = |pair: &Pair| pair.conditions[0].admission(&pair.ward);
        assert_eq!(race(&pair, admission, admission), (Admission::Open, Admission::Open));
        assert_eq!(pair.ward.counted(), (0, 0));
    });
}

#[test]
fn the_end_of_a_slow_start_races_an_ejection() {
    explore(|| {
        let pair = Pair::new(Some(SlowStart::default()));
        pair.conditions[0].went_down(&pair.ward);
        pair.hand.advance(Duration::from_secs(60));
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
