//! A pick allocates nothing, whatever the number of endpoints.

use std::{hint::black_box, num::NonZeroU32, time::Duration};

use crate::support::{Ask, Numbered, Readiness, ask};
use allocation_counter::measure;
use balance::{
    Balance, BoxError, Explained, FailureRate, Hash, Key, LeastLoaded, Limit, OnResponse, Outliers, PeakEwma,
    Policy, Random, Retry, RetryRule, RoundRobin, RoundRobinLayer, Settings, SlowStart,
};
use tower::{Layer, Service};

/// Allocations in 1,000 runs, after one run in which a thread may set up what it needs once.
fn allocations<T>(mut run: impl FnMut() -> T) -> u64 {
    run();
    let thousand_times = || {
        for _ in 0..1_000 {
            black_box(run());
        }
    };
    measure(thousand_times).count_total
}

#[test]
fn the_counter_counts() {
    assert_eq!(allocations(|| Box::new(1)), 1_000);
}

#[test]
fn a_request_allocates_nothing() {
    for endpoints in [1, 2, 10, 1_000, 10_000] {
        let mut balance = Balance::round_robin((0..endpoints).map(Numbered::new));
        assert_eq!(allocations(|| ask(&mut balance)), 0, "{endpoints} endpoints");
        assert_eq!(allocations(|| balance.pick(&())), 0, "{endpoints} endpoints");
    }
}

#[test]
fn nor_does_a_pick_by_any_policy() {
    fn check<P: Policy<Ask> + Clone>(policy: P) {
        for endpoints in [2, 10, 1_000, 10_000] {
            let balance =
                Balance::new(policy.clone(), (0..endpoints).map(|number| (Numbered::new(number), 3)));
            assert_eq!(allocations(|| balance.pick(&Ask::new())), 0, "{endpoints} endpoints");
        }
    }
    check(RoundRobin::new());
    check(Random::new());
    check(LeastLoaded::new());
    check(PeakEwma::new());
    check(Hash::by(|ask: &Ask| Key::of(&ask.0.get())));
    check(Hash::by(|_: &Ask| None));
}

#[test]
fn nor_with_weights() {
    let layer = RoundRobinLayer::weighted((0..10).map(|number| (number, 7 + number as u16)));
    let mut balance = layer.layer(Numbered::new);
    assert_eq!(allocations(|| ask(&mut balance)), 0);
}

/// A rule that sends nothing twice.
#[derive(Clone, Copy)]
struct Never;

impl RetryRule<Ask, usize, BoxError> for Never {
    fn copy(&self, _: &Ask) -> Option<Ask> {
        None
    }

    fn is_retryable(&self, _: Result<&usize, &BoxError>) -> bool {
        true
    }
}

/// With everything configured, as long as no endpoint fails, none is full and no request asks for the reason.
#[test]
fn nor_with_health_limits_retries_and_reasons() {
    let outliers = Outliers::new().failure_rate(FailureRate::new(50));
    let limit = Limit::new(NonZeroU32::MIN);
    let settings = Settings::new().outliers(outliers).slow_start(SlowStart::default()).limit(limit);
    for endpoints in [1, 2, 1_000] {
        let services = (0..endpoints).map(|number| (Numbered::new(number), 1));
        let mut balance = Balance::with(settings.clone(), PeakEwma::new(), services)
            .retry(Retry::new(Never).attempts(2).per_try_timeout(Duration::from_secs(1)))
            .completion(Explained::when(|_: &Ask| false, OnResponse::new()));
        assert_eq!(allocations(|| ask(&mut balance)), 0, "{endpoints} endpoints");
    }
}

#[test]
fn one_that_is_passed_over_costs_one_place_to_wait() {
    let readiness = [Readiness::Never, Readiness::Always];
    let services = (0..).zip(readiness).map(|(number, readiness)| Numbered::with(number, readiness));
    let mut balance = Balance::round_robin(services);
    assert_eq!(allocations(|| ask(&mut balance)), 1_000);
}

/// A future is moved on its way to where it is polled, so its size matters.
#[test]
fn a_request_s_future_stays_small() {
    fn size<F>(_: F) -> usize {
        std::mem::size_of::<F>()
    }
    let mut balance = Balance::round_robin([Numbered::new(0)]);
    assert!(size(balance.call(Ask::new())) <= 256, "{}", size(balance.call(Ask::new())));
}
