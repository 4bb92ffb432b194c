use std::time::Duration;

/// How an endpoint comes back that was ejected or down: with a part of its turns that grows.
///
/// At first it takes 10 % of its turns. The part grows on a straight line to all of them, within as long as the
/// endpoint was away and at most 30 s (like Envoy's slow start with aggression 1).
///
/// The other turns go to the other endpoints. A new endpoint takes all of its turns at once. The slow start is
/// short after a short outage, because the endpoint's caches and connections are still warm.
///
/// ```
/// use std::time::Duration;
/// use balance::SlowStart;
///
/// let slow_start = SlowStart::over(Duration::from_secs(60)).from_percent(5);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct SlowStart {
    duration: Duration,
    percent: u8,
}

impl SlowStart {
    /// From 10 % to all of its turns, within as long as the outage lasted and at most `duration`.
    pub fn over(duration: Duration) -> Self {
        Self { duration, percent: 10 }
    }

    /// Begins with `percent` of its turns. More than 100 counts as 100.
    pub fn from_percent(self, percent: u8) -> Self {
        Self { percent: percent.min(100), ..self }
    }

    /// The part of its turns that an endpoint takes which came back `ago` from an outage of length `outage`, in
    /// 2^-32, rounded up; `None` if it takes all.
    pub(super) fn part(&self, ago: Duration, outage: Duration) -> Option<u32> {
        const ALL: f64 = (1_u64 << 32) as f64;
        let duration = self.duration.min(outage);
        if ago >= duration {
            return None;
        }
        let from = f64::from(self.percent) / 100.0;
        let part = from + (1.0 - from) * ago.div_duration_f64(duration);
        (part < 1.0).then_some((part * ALL).ceil() as u32)
    }
}

impl Default for SlowStart {
    fn default() -> Self {
        Self::over(Duration::from_secs(30))
    }
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// An outage that is so long that it shortens no slow start.
    const LONG: Duration = Duration::from_secs(3_600);

    #[test]
    fn grows_in_a_straight_line() {
        let slow_start = SlowStart::default();
        for (secs, percent) in [(0, 10_u64), (5, 25), (10, 40), (15, 55), (20, 70), (25, 85)] {
            let part = slow_start.part(Duration::from_secs(secs), LONG).map(u64::from);
            let due = (percent << 32).div_ceil(100);
            assert!(part.is_some_and(|part| part.abs_diff(due) <= 1), "{secs} s: {part:?}, not {due}");
        }
        assert_eq!(slow_start.part(Duration::from_secs(30), LONG), None);
        assert_eq!(SlowStart::over(Duration::ZERO).part(Duration::ZERO, LONG), None);
    }

    #[test]
    fn lasts_no_longer_than_the_outage_did() {
        let slow_start = SlowStart::default();
        let outage = Duration::from_secs(2);
        let part = |millis| slow_start.part(Duration::from_millis(millis), outage).map(u64::from);
        for (millis, percent) in [(0, 10_u64), (1_000, 55), (1_900, 95)] {
            let due = ((percent * 10) << 32).div_ceil(1_000);
            assert!(part(millis).is_some_and(|part| part.abs_diff(due) < 1 << 26), "{millis} ms");
        }
        assert_eq!(part(2_000), None);
        assert_eq!(slow_start.part(Duration::ZERO, Duration::ZERO), None);
    }

    proptest! {
        #[test]
        fn never_shrinks(duration: Duration, outage: Duration, percent: u8, ago: Duration, later: Duration) {
            let slow_start = SlowStart::over(duration).from_percent(percent);
            let part = |ago| slow_start.part(ago, outage).map_or(1 << 32, u64::from);
            prop_assert!(part(ago) <= part(ago.saturating_add(later)));
            prop_assert!(part(ago) >= u64::from(percent.min(100)) * ((1 << 32) / 100));
        }
    }
}
