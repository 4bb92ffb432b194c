//! Under loom only the model runs, otherwise all tests but the model.

use super::*;

const MS: Duration = Duration::from_millis(1);

fn after(time: Duration) -> Moment {
    Moment::default() + time
}

#[cfg(not(loom))]
mod alone {
    use proptest::prelude::*;

    use super::*;
    use crate::fading::TICK_BITS;

    fn millis_at(latency: &Latency, time: Duration) -> Option<f64> {
        latency.nanos_at(after(time)).map(|nanos| nanos / 1e6)
    }

    #[test]
    fn rises_at_once_and_falls_slowly() {
        const S: u32 = 1_000;
        for (answers, read, expected) in [
            (&[][..], 0, None),
            (&[], 100 * S, None),
            (&[(0, 100)], 0, Some(100.0)),
            // While it is idle, it falls to 1/e in 10 s.
            (&[(0, 100)], 10 * S, Some(36.79)),
            (&[(0, 100)], 20 * S, Some(13.53)),
            // A slower answer replaces it at once, at any time.
            (&[(0, 10), (0, 100)], 0, Some(100.0)),
            (&[(0, 10), (30 * S, 100)], 30 * S, Some(100.0)),
            // Faster answers weigh the more, the longer ago the last answer was: 1/e of 100, and the rest of 10.
            (&[(0, 100), (10 * S, 10)], 10 * S, Some(43.11)),
            (&[(0, 100), (0, 10)], 0, Some(100.0)),
            (&[(0, 100), (5 * S, 10), (10 * S, 10)], 10 * S, Some(43.11)),
            (&[(0, 100), (1_000 * S, 10)], 1_000 * S, Some(10.0)),
            // An answer with an earlier clock than the last one.
            (&[(10 * S, 100), (5 * S, 10)], 10 * S, Some(100.0)),
            (&[(10 * S, 100)], 5 * S, Some(100.0)),
            // The clock's ticks wrap after 417 days.
            (&[(u32::MAX - S, 100)], u32::MAX, Some(90.48)),
        ] {
            let latency = Latency::new();
            for &(time, sample) in answers {
                latency.observe(after(time * MS), sample * MS);
            }
            let read = millis_at(&latency, read * MS);
            let is_close = read
                .zip(expected)
                .is_some_and(|(is, should): (f64, f64)| (is - should).abs() < 0.001 * should);
            assert!(is_close || read == expected, "{answers:?}: {read:?}, not {expected:?}");
        }
    }

    #[test]
    fn ticks_wrap_without_a_seam() {
        let latency = Latency::new();
        let wrap = Duration::from_nanos(1 << (32 + TICK_BITS));
        latency.observe(after(wrap - 5_000 * MS), 100 * MS);
        latency.observe(after(wrap + 5_000 * MS), 10 * MS);
        assert!(millis_at(&latency, wrap + 5_000 * MS).is_some_and(|millis| (43.0..43.2).contains(&millis)));
    }

    #[test]
    fn an_answer_in_no_time_is_one() {
        let latency = Latency::new();
        latency.observe(after(MS), Duration::ZERO);
        assert_eq!(latency.nanos_at(after(MS)), Some(1.0));
        assert!(latency.nanos_at(after(Duration::from_secs(86_400))).is_some_and(|nanos| nanos > 0.0));
        latency.observe(after(MS), Duration::MAX);
        assert!(latency.nanos_at(after(MS)).is_some_and(f64::is_finite));
    }

    proptest! {
        /// The packed word is close to what two numbers of full width would be.
        #[test]
        fn is_a_peak_ewma(answers in prop::collection::vec((0..30_000_u32, 1..10_000_u32), 1..100)) {
            let latency = Latency::new();
            let (mut time, mut average) = (Duration::ZERO, 0.0_f64);
            for (wait, sample) in answers {
                time += wait * MS;
                latency.observe(after(time), sample * MS);
                let (weight, sample) = ((f64::from(wait) / -10_000.0).exp(), f64::from(sample));
                average = sample.max(average * weight + sample * (1.0 - weight));
                let is = millis_at(&latency, time).unwrap();
                prop_assert!((is - average).abs() <= 0.005 * average, "{} and {}", is, average);
            }
        }
    }
}

/// A slow answer isn't lost to a faster one that comes at the same time.
#[cfg(loom)]
#[test]
fn a_peak_outlives_a_race() {
    loom::model(|| {
        let latency = std::sync::Arc::new(Latency::new());
        let other = {
            let latency = std::sync::Arc::clone(&latency);
            loom::thread::spawn(move || latency.observe(after(MS), 30 * MS))
        };
        latency.observe(after(MS), 10 * MS);
        other.join().unwrap();
        assert_eq!(latency.nanos_at(after(MS)), Some(30e6));
    });
}
