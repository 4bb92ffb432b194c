//! Ejections for a time, and what comes behind them.

use std::sync::atomic::Ordering;

use super::{SECOND, first, lab};
use balance::{Health, Outliers, Settings, SlowStart};

#[test]
fn an_ejection_by_hand_lasts_for_its_time_in_any_pool() {
    for settings in [Settings::new(), Settings::new().outliers(Outliers::new())] {
        let (mut ask, _, endpoints, hand) = lab(2, settings);
        let ejected = first(&endpoints);
        assert!(endpoints.eject(&ejected, SECOND * 10));
        assert_eq!(ejected.health(), Health::Ejected);
        assert!((0..10).all(|_| ask() == Some(1)));
        hand.advance(SECOND * 10);
        let mut both: Vec<_> = (0..4).filter_map(|_| ask()).collect();
        both.sort_unstable();
        assert_eq!(both, [0, 0, 1, 1]);
        assert_eq!((ejected.health(), ejected.details().ejected), (Health::Available, None));
    }
}

#[test]
fn as_a_last_resort_it_is_used_and_stays_ejected() {
    let (mut ask, _, endpoints, _hand) = lab(1, Settings::new());
    assert!(endpoints.eject(&first(&endpoints), SECOND));
    assert_eq!([ask(), ask()], [Some(0), Some(0)]);
    assert_eq!(first(&endpoints).health(), Health::Ejected);
    assert!(endpoints.resume(&first(&endpoints)));
    assert_eq!(first(&endpoints).health(), Health::Available);
}

#[test]
fn others_or_those_that_leave_are_not_ejected() {
    let (_, _, endpoints, _hand) = lab(1, Settings::new());
    let (_, _, others, _) = lab(1, Settings::new());
    let foreign = first(&others);
    assert!(!endpoints.eject(&foreign, SECOND) && !endpoints.pause(&foreign) && !endpoints.resume(&foreign));
    assert_eq!(foreign.health(), Health::Available);
    let draining = first(&endpoints);
    assert!(endpoints.drain(&draining) && !endpoints.eject(&draining, SECOND));
}

#[test]
fn one_that_is_out_by_hand_takes_the_place_of_one_that_failures_would_eject() {
    let (mut ask, broken, endpoints, _hand) =
        lab(2, Settings::new().outliers(Outliers::new().consecutive(1)));
    assert!(endpoints.eject(&endpoints.snapshot()[1], SECOND));
    broken.store(true, Ordering::Relaxed);
    assert_eq!([ask(), ask(), ask()], [None; 3]);
    assert_eq!(first(&endpoints).health(), Health::Available, "half of the pool is out");
}

#[test]
fn a_resumed_one_begins_with_its_slow_start() {
    let settings = Settings::new().slow_start(SlowStart::over(SECOND * 10));
    let (mut ask, _, endpoints, hand) = lab(2, settings);
    let paused = first(&endpoints);
    endpoints.pause(&paused);
    hand.advance(SECOND * 60);
    endpoints.resume(&paused);
    assert_eq!((paused.health(), paused.details().slow_start), (Health::SlowStart, Some(10)));
    let taken = (0..100).filter(|_| ask() == Some(0)).count();
    assert!((8..=10).contains(&taken), "a tenth of its turns, of which each request is one: {taken}");
    hand.advance(SECOND * 5);
    assert_eq!(paused.details().slow_start, Some(55));
    hand.advance(SECOND * 5);
    assert_eq!((paused.health(), paused.details().slow_start), (Health::Available, None));
    endpoints.resume(&paused);
    assert_eq!(paused.health(), Health::Available, "there was nothing to resume");
}
