use proptest::prelude::*;

use super::*;

fn of(durations: &[Duration]) -> Tally {
    let histogram = Durations::default();
    durations.iter().for_each(|duration| histogram.add(*duration));
    histogram.tally()
}

fn millis(count: u64) -> Duration {
    Duration::from_millis(count)
}

#[test]
fn the_bounds_rise_by_a_quarter() {
    assert_eq!(NANOS.first(), Some(&10_000));
    assert_eq!(NANOS.last(), Some(&80_000_000_000));
    for pair in NANOS.windows(2) {
        let ratio = pair[1] as f64 / pair[0] as f64;
        assert!((1.24..=1.29).contains(&ratio), "{pair:?}");
    }
}

#[test]
fn prometheus_is_shown_round_bounds() {
    let bounds: Vec<f64> = Tally::default().shown().into_iter().map(|(bound, _)| bound).collect();
    let expected = [
        0.00025,
        0.0005,
        0.001,
        0.0025,
        0.005,
        0.01,
        0.025,
        0.05,
        0.1,
        0.25,
        0.5,
        1.0,
        2.5,
        5.0,
        10.0,
        25.0,
        50.0,
        f64::INFINITY,
    ];
    assert_eq!(bounds, expected);
}

#[test]
fn a_bound_belongs_to_its_bucket() {
    let shown = of(&[millis(1), Duration::from_nanos(1_000_001), Duration::from_secs(1000)]).shown();
    let filled: Vec<_> = shown.into_iter().filter(|(_, count)| *count > 0).collect();
    assert_eq!(filled, [(0.001, 1), (0.0025, 1), (f64::INFINITY, 1)]);
}

#[test]
fn percentiles_of_nothing_and_of_one() {
    assert_eq!(Tally::default().permille(500), None);
    let one = of(&[millis(100)]);
    assert_eq!(one.permille(500), Some(millis(100)));
    assert_eq!(of(&[Duration::MAX]).permille(990), Some(Duration::from_secs(80)));
}

#[test]
fn what_came_since_is_the_difference() {
    let histogram = Durations::default();
    histogram.add(millis(1));
    let before = histogram.tally();
    histogram.add(millis(20));
    let since = &histogram.tally() - &before;
    assert_eq!((since.count(), since.seconds()), (1, 0.02));
    let mut both = before;
    both += &since;
    assert_eq!(both, histogram.tally());
}

/// From 125 to 160.
const LONGEST_STEP: f64 = 1.28;

proptest! {
    #[test]
    fn a_percentile_is_within_a_bucket_of_the_true_one(
        mut micros in proptest::collection::vec(11_u64..70_000_000, 1..200),
        permille in 1_u64..1000,
    ) {
        let durations: Vec<_> = micros.iter().map(|micros| Duration::from_micros(*micros)).collect();
        let estimate = of(&durations).permille(permille).unwrap().as_secs_f64();
        micros.sort_unstable();
        let rank = (micros.len() as u64 * permille).div_ceil(1000).max(1);
        let true_one = Duration::from_micros(micros[rank as usize - 1]).as_secs_f64();
        prop_assert!(estimate <= true_one * LONGEST_STEP && estimate >= true_one / LONGEST_STEP, "{estimate} {true_one}");
    }

    #[test]
    fn nothing_is_lost_in_what_is_shown(micros in proptest::collection::vec(0_u64..200_000_000, 0..100)) {
        let tally = of(&micros.iter().map(|micros| Duration::from_micros(*micros)).collect::<Vec<_>>());
        let shown: u64 = tally.shown().into_iter().map(|(_, count)| count).sum();
        prop_assert_eq!(shown, micros.len() as u64);
        prop_assert_eq!(tally.count(), shown);
    }
}
