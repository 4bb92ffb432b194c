//! Every interleaving of what requests do to their endpoint: its trial, its end, and its drain.
//!
//! `RUSTFLAGS="--cfg loom" cargo test -p balance --lib --release endpoint`

use loom::{future::block_on, thread};

use super::*;
use crate::{
    clock::Clock,
    health::{Outliers, Sent::OnTrial},
    in_flight::InFlight,
    outcome::Outcome,
    settings::Settings,
};

fn explore(model: impl Fn() + Send + Sync + 'static) {
    // No bound on preemptions unless LOOM_MAX_PREEMPTIONS says so.
    loom::model::Builder::new().check(model);
}

/// An endpoint that is ejected, and due for a trial.
fn due() -> Arc<Endpoint<()>> {
    let (clock, hand) = Clock::by_hand();
    let outliers = Outliers::new().consecutive(1).max_share(100);
    let shared = Shared::new(Settings::new().outliers(outliers).clock(clock).seed(1));
    shared.ward.note_members(0, 1);
    let endpoint = Endpoint::new(Entry::new(()), 0, Arc::new(shared));
    endpoint.report(Outcome::Failure, endpoint.condition.pass(Sent::Normally));
    assert_eq!(endpoint.health(), Health::Ejected);
    hand.advance(Duration::from_secs(60));
    endpoint
}

/// Sends a request on trial, if it may. It ends by `outcome`, or is dropped without one.
fn try_it(endpoint: &Arc<Endpoint<()>>, outcome: Option<Outcome>) -> Result<(), Refused> {
    let mut in_flight = InFlight::begin(endpoint, OnTrial)?;
    if let Some(outcome) = outcome {
        in_flight.report(outcome);
    }
    Ok(())
}

fn race<A: 'static, B>(
    endpoint: &Arc<Endpoint<()>>,
    other: impl FnOnce(&Arc<Endpoint<()>>) -> A + 'static,
    this: impl FnOnce(&Arc<Endpoint<()>>) -> B,
) -> (A, B) {
    let theirs = Arc::clone(endpoint);
    let other = thread::spawn(move || other(&theirs));
    let this = this(endpoint);
    let outcomes = (other.join().unwrap(), this);
    assert_eq!(endpoint.in_flight(), 0);
    outcomes
}

#[test]
fn a_trial_has_one_request_at_a_time() {
    explore(|| {
        let endpoint = due();
        let theirs = Arc::clone(&endpoint);
        let other = thread::spawn(move || InFlight::begin(&theirs, OnTrial));
        let tried = [InFlight::begin(&endpoint, OnTrial), other.join().unwrap()];
        assert_eq!(tried.iter().filter(|tried| tried.is_ok()).count(), 1, "{tried:?}");
        assert_eq!((endpoint.health(), endpoint.in_flight()), (Health::Trial, 1));
    });
}

#[test]
fn of_two_that_try_the_second_finds_what_the_first_left() {
    for outcome in [None, Some(Outcome::Neutral), Some(Outcome::Success), Some(Outcome::Failure)] {
        explore(move || {
            let endpoint = due();
            let (other, this) =
                race(&endpoint, move |endpoint| try_it(endpoint, outcome), |endpoint| try_it(endpoint, None));
            assert!(other.is_ok() || this.is_ok(), "{other:?}, {this:?}");
            let expected = match outcome.filter(|_| other.is_ok()) {
                Some(Outcome::Success) => [Health::Available],
                _ => [Health::Ejected],
            };
            assert_eq!([endpoint.health()], expected);
        });
    }
}

#[test]
fn a_trial_that_ends_while_the_endpoint_leaves_keeps_no_place_among_the_ejected() {
    for outcome in [None, Some(Outcome::Success), Some(Outcome::Failure)] {
        explore(move || {
            let endpoint = due();
            let (tried, ()) =
                race(&endpoint, move |endpoint| try_it(endpoint, outcome), |endpoint| endpoint.close());
            assert!(matches!(tried, Ok(()) | Err(Refused::Closed | Refused::OnTrial)), "{tried:?}");
            assert_eq!(endpoint.health(), Health::Draining);
            assert_eq!(endpoint.shared.ward.counted(), (0, 0));
        });
    }
}

#[test]
fn whoever_waits_for_the_drain_learns_of_it() {
    explore(|| {
        let endpoint = due();
        let in_flight = InFlight::begin(&endpoint, Sent::AsLastResort).unwrap();
        let (_, ()) = race(
            &endpoint,
            move |endpoint| {
                drop(in_flight);
                // Whether it is refused or not, it only delays the drain.
                drop(InFlight::begin(endpoint, Sent::AsLastResort));
            },
            |endpoint| {
                endpoint.close();
                block_on(endpoint.drained());
            },
        );
    });
}
