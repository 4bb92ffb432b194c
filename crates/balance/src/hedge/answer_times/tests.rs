use proptest::prelude::*;

use super::*;

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn at(seconds: u64) -> Moment {
    // Ticks are a little longer than seconds.
    Moment::default() + Duration::from_millis(seconds * 1_100)
}

fn observe_all(times: &AnswerTimes, now: Moment, answers: impl IntoIterator<Item = Duration>) {
    answers.into_iter().for_each(|time| times.observe(now, time));
}

#[test]
fn it_is_known_from_two_hundred_answers_on_and_once_a_second() {
    let times = AnswerTimes::new(95);
    observe_all(&times, at(0), (1..=199).map(ms));
    observe_all(&times, at(1), [ms(200)]);
    let first = times.at_percentile().unwrap();
    assert!((ms(190)..ms(215)).contains(&first), "{first:?}");
    observe_all(&times, at(1), (0..1_000).map(|_| ms(10)));
    assert_eq!(times.at_percentile(), Some(first), "a second isn't over");
    observe_all(&times, at(2), [ms(10)]);
    let second = times.at_percentile().unwrap();
    assert!((ms(10)..ms(12)).contains(&second), "{second:?}");
    observe_all(&times, at(3), (0..100).map(|_| ms(500)));
    assert_eq!(times.at_percentile(), Some(second), "these are too few");
}

#[test]
fn every_bucket_is_used_and_ends_where_the_next_begins() {
    assert_eq!(bucket_of(Duration::MAX), BUCKETS - 1);
    for bucket in 0..BUCKETS {
        let end = end_of(bucket as u64);
        assert_eq!(bucket_of(end - Duration::from_nanos(1)), bucket);
        assert_eq!(bucket_of(end), (bucket + 1).min(BUCKETS - 1), "{end:?}");
    }
}

proptest! {
    /// At least that percentage of the answers were no slower, and the time is at most an eighth too long.
    #[test]
    fn the_percentile_is_near_the_true_one(
        percent in 1..=99_u8,
        micros in prop::collection::vec(8..100_000_000_u64, 200..400),
    ) {
        let times = AnswerTimes::new(percent);
        let mut sorted: Vec<_> = micros.iter().copied().map(Duration::from_micros).collect();
        observe_all(&times, at(0), sorted.iter().copied());
        observe_all(&times, at(1), [sorted[0]]);
        sorted.push(sorted[0]);
        sorted.sort_unstable();
        let rank = (sorted.len() * usize::from(percent)).div_ceil(100);
        let (found, exact) = (times.at_percentile().unwrap(), sorted[rank - 1]);
        prop_assert!(found > exact && found <= exact + exact / 8 + Duration::from_micros(1), "{found:?} {exact:?}");
    }
}
