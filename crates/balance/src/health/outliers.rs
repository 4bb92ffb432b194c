use std::time::Duration;

use super::window::Counts;

/// When failures eject an endpoint, and for how long (after Envoy's outlier detection).
///
/// An endpoint is ejected after 5 failures in a row, for 30 s the first time, 60 s the second time and so on up to
/// 5 min, each 10 % longer or shorter at random. When the time is up, one request is sent to it on trial. If that
/// fails, the next ejection begins. Once the endpoint has been back for as long as the longest ejection, its
/// ejections are forgotten. At most half of the endpoints are out at the same time, rounded down: the only endpoint
/// of a pool is never ejected.
///
/// ```
/// use std::time::Duration;
/// use balance::{FailureRate, Outliers};
///
/// let outliers = Outliers::new()
///     .consecutive(3)
///     .failure_rate(FailureRate::new(50))
///     .ejection(Duration::from_secs(10), Duration::from_secs(60))
///     .max_share(30);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Outliers {
    pub(super) consecutive: Option<u32>,
    pub(super) rate: Option<FailureRate>,
    ejection: Duration,
    pub(super) max_ejection: Duration,
    max_share: u8,
}

impl Outliers {
    /// The defaults above, without a failure rate.
    pub fn new() -> Self {
        Self {
            consecutive: Some(5),
            rate: None,
            ejection: Duration::from_secs(30),
            max_ejection: Duration::from_secs(300),
            max_share: 50,
        }
    }

    /// Ejects after `n` failures in a row. `None` never ejects for failures in a row.
    pub fn consecutive(self, n: impl Into<Option<u32>>) -> Self {
        Self { consecutive: n.into(), ..self }
    }

    /// Also ejects by the share of an endpoint's requests that failed.
    pub fn failure_rate(self, rate: FailureRate) -> Self {
        Self { rate: Some(rate), ..self }
    }

    /// Ejects for `base` times the number of ejections, and at most for `most`.
    pub fn ejection(self, base: Duration, most: Duration) -> Self {
        Self { ejection: base, max_ejection: most, ..self }
    }

    /// Ejects at most `percent` of the endpoints at a time, rounded down. More than 100 counts as 100.
    pub fn max_share(self, percent: u8) -> Self {
        Self { max_share: percent.min(100), ..self }
    }

    /// How many of `members` endpoints may be out at a time.
    pub(super) fn places(&self, members: u64) -> u64 {
        let places = u128::from(members) * u128::from(self.max_share) / 100;
        u64::try_from(places).unwrap_or(u64::MAX)
    }

    /// The length of ejection number `times`. `chance`, from 0 to 1, draws it between 10 % less and 10 % more; it
    /// is never more than the most.
    pub(super) fn length(&self, times: u16, chance: f64) -> Duration {
        let due = self.ejection.saturating_mul(times.into()).min(self.max_ejection);
        let tenth = due / 10;
        let (least, most) = (due - tenth, due.saturating_add(tenth).min(self.max_ejection));
        least.saturating_add((most - least).mul_f64(chance))
    }
}

impl Default for Outliers {
    fn default() -> Self {
        Self::new()
    }
}

/// The share of an endpoint's latest requests that may fail before it is ejected.
///
/// Requests are counted over a window that slides by tenths, so that a count reaches back for at least nine tenths
/// of it.
#[derive(Clone, Copy, Debug)]
pub struct FailureRate {
    percent: u8,
    min_requests: u32,
    pub(super) window: Duration,
}

impl FailureRate {
    /// Ejects if `percent` or more of at least 20 requests within 10 s failed. `percent` is kept between 1 and 100.
    pub fn new(percent: u8) -> Self {
        Self { percent: percent.clamp(1, 100), min_requests: 20, window: Duration::from_secs(10) }
    }

    /// Never ejects for fewer than `n` requests in the window. A window counts at most 2,621,430.
    pub fn min_requests(self, n: u32) -> Self {
        Self { min_requests: n, ..self }
    }

    /// The length of the window.
    pub fn window(self, window: Duration) -> Self {
        Self { window, ..self }
    }

    pub(super) fn is_reached(&self, counts: Counts) -> bool {
        counts.total >= u64::from(self.min_requests)
            && counts.failures * 100 >= counts.total * u64::from(self.percent)
    }
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ejections_grow_up_to_the_most() {
        let outliers = Outliers::new();
        for (times, secs) in [(1, 30), (2, 60), (3, 90), (9, 270), (10, 300), (11, 300), (u16::MAX, 300)] {
            let due = Duration::from_secs(secs);
            assert_eq!(outliers.length(times, 0.0), due * 9 / 10, "{times}");
            let most = (due * 11 / 10).min(Duration::from_secs(300));
            assert!(most - outliers.length(times, 1.0 - f64::EPSILON) < Duration::from_micros(1), "{times}");
        }
    }

    #[test]
    fn half_of_a_pool_is_rounded_down() {
        let table = [(0, 0), (1, 0), (2, 1), (3, 1), (4, 2), (10_001, 5_000), (u64::MAX, u64::MAX / 2)];
        for (members, places) in table {
            assert_eq!(Outliers::new().places(members), places, "{members}");
        }
        assert_eq!(Outliers::new().max_share(255).places(3), 3);
        assert_eq!(Outliers::new().max_share(0).places(1_000), 0);
    }

    #[test]
    fn a_rate_needs_its_share_and_its_requests() {
        let rate = FailureRate::new(50).min_requests(20);
        for (failures, total, reached) in
            [(19, 19, false), (9, 20, false), (10, 20, true), (10, 21, false), (20, 20, true), (0, 0, false)]
        {
            assert_eq!(rate.is_reached(Counts { failures, total }), reached, "{failures} of {total}");
        }
    }

    proptest! {
        #[test]
        fn no_setting_breaks_the_bounds(base: Duration, most: Duration, times: u16, chance in 0.0..1.0) {
            let length = Outliers::new().ejection(base, most).length(times, chance);
            let due = base.saturating_mul(times.into()).min(most);
            prop_assert!(length <= most && length >= due - due / 10, "{length:?}");
        }
    }
}
