//! How an endpoint is, since when and why, and what it gets.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use super::{SECOND, first, lab, shares};
use crate::support::Numbered;
use balance::{
    Balance, Cause, Clock, Details, Endpoints, Entry, FailureRate, Health, Outliers, RoundRobin, Settings,
    SlowStart,
};

fn details<S>(endpoints: &Endpoints<S>) -> Details {
    first(endpoints).details()
}

#[test]
fn details_say_how_it_is_since_when_and_why() {
    let outliers = Outliers::new().consecutive(3).ejection(SECOND * 30, SECOND * 300);
    let (mut ask, broken, endpoints, hand) = lab(2, Settings::new().outliers(outliers));
    hand.advance(SECOND * 7);
    assert_eq!((details(&endpoints).health, details(&endpoints).lasting), (Health::Available, SECOND * 7));
    broken.store(true, Ordering::Relaxed);
    (0..3).for_each(|_| assert_eq!([ask(), ask()].iter().flatten().count(), 1));
    hand.advance(SECOND);
    let ejected = details(&endpoints);
    assert_eq!((ejected.health, ejected.lasting), (Health::Ejected, SECOND));
    assert_eq!((ejected.ejections, ejected.failures_in_a_row), (1, 3));
    let why = ejected.ejected.unwrap();
    assert_eq!((why.cause, why.is_unreachable), (Cause::FailuresInARow(3), false));
    assert!((SECOND * 26..=SECOND * 32).contains(&why.left), "{why:?}");

    hand.advance(SECOND * 33);
    assert_eq!(details(&endpoints).ejected.unwrap().left, Duration::ZERO);
    assert!((0..2).map(|_| ask()).count() == 2);
    let again = details(&endpoints);
    assert_eq!((again.ejected.unwrap().cause, again.ejections), (Cause::FailedTrial, 2));
    assert_eq!(again.lasting, SECOND * 34, "it was never back in between");

    endpoints.pause(&first(&endpoints));
    hand.advance(SECOND * 2);
    let paused = details(&endpoints);
    assert_eq!((paused.health, paused.lasting), (Health::Paused, SECOND * 2));
    assert!(paused.ejected.is_some(), "it is ejected all the same");
    endpoints.eject(&first(&endpoints), SECOND * 9);
    let by_hand = details(&endpoints).ejected.unwrap();
    assert_eq!((by_hand.cause, by_hand.left), (Cause::ByHand, SECOND * 9));
    endpoints.resume(&first(&endpoints));
    hand.advance(SECOND);
    let back = details(&endpoints);
    assert_eq!((back.health, back.lasting, back.ejected), (Health::Available, SECOND, None));
    assert_eq!((back.ejections, back.failures_in_a_row), (2, 0));
    hand.advance(SECOND * 300);
    assert_eq!(details(&endpoints).ejections, 0, "they are forgotten");
}

#[test]
fn details_name_the_rate_that_ejected() {
    let rate = FailureRate::new(50).min_requests(4);
    let outliers = Outliers::new().consecutive(None).failure_rate(rate);
    let (mut ask, broken, endpoints, _hand) = lab(2, Settings::new().outliers(outliers));
    assert!((0..4).map(|_| ask()).count() == 4);
    assert_eq!(details(&endpoints).recent, Some((0, 2)));
    broken.store(true, Ordering::Relaxed);
    assert!((0..8).map(|_| ask()).count() == 8);
    let ejected = details(&endpoints);
    let cause = ejected.ejected.map(|ejected| ejected.cause);
    assert_eq!(cause, Some(Cause::FailureRate { failures: 2, requests: 4 }));
    assert_eq!((ejected.recent, ejected.failures_in_a_row), (Some((2, 4)), 0));
}

#[test]
fn shares_follow_weights_health_and_tiers() {
    let settings = Settings::new().slow_start(SlowStart::over(SECOND * 10)).tier_share(1);
    let (clock, hand) = Clock::by_hand();
    let entry =
        |number, weight, priority| Entry::new(Numbered::new(number)).weight(weight).priority(priority);
    let entries = [entry(0, 2, 0), entry(1, 1, 0), entry(2, 1, 0), entry(3, 5, 1)];
    let balance = Balance::with(settings.clock(clock), RoundRobin::new(), entries);
    let endpoints = balance.endpoints();
    let [zero, one, two, three] = [0, 1, 2, 3].map(|index| Arc::clone(&endpoints.snapshot()[index]));
    assert_eq!(shares(&endpoints), [0.5, 0.25, 0.25, 0.0]);
    endpoints.pause(&zero);
    assert_eq!(shares(&endpoints), [0.0, 0.5, 0.5, 0.0]);
    endpoints.eject(&one, SECOND * 60);
    assert_eq!(shares(&endpoints), [0.0, 0.0, 1.0, 0.0]);
    hand.advance(SECOND * 10);
    endpoints.resume(&zero);
    let warming = shares(&endpoints);
    assert!((warming[0] - 0.2 / 1.2).abs() < 1e-6 && (warming[2] - 1.0 / 1.2).abs() < 1e-6, "{warming:?}");
    for endpoint in [&zero, &one, &two] {
        endpoints.eject(endpoint, SECOND * 60);
    }
    assert_eq!(shares(&endpoints), [0.0, 0.0, 0.0, 1.0]);
    endpoints.eject(&three, SECOND * 60);
    assert_eq!(shares(&endpoints), [2.0 / 9.0, 1.0 / 9.0, 1.0 / 9.0, 5.0 / 9.0], "the last resort");
    endpoints.snapshot().iter().for_each(|endpoint| assert!(endpoints.set_weight(endpoint, 0)));
    assert_eq!(shares(&endpoints), [0.0; 4]);
}
