//! When a certificate is renewed, and how long to wait after a failure.

use std::time::{Duration, SystemTime};

/// The longest time from one look at the storage to the next. Another gateway may have renewed the certificate.
const BETWEEN_LOOKS: Duration = Duration::from_secs(60 * 60);

/// The waits after failures, each twice the one before, up to the longest.
struct Waits {
    first: Duration,
    longest: Duration,
}

/// If the authority can't be reached, trying again costs nobody anything.
const UNREACHABLE: Waits = Waits { first: Duration::from_secs(1), longest: Duration::from_secs(5 * 60) };

/// If it refuses, tries count against its limits. Let's Encrypt allows five failed validations of a name an hour.
const REFUSED: Waits =
    Waits { first: Duration::from_secs(2 * 60), longest: Duration::from_secs(6 * 60 * 60) };

/// If a limit was reached, it lasts for hours.
const LIMITED: Waits =
    Waits { first: Duration::from_secs(60 * 60), longest: Duration::from_secs(24 * 60 * 60) };

/// Whose fault a failure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The authority couldn't be reached, or had a failure of its own.
    Unreachable,
    /// The authority refused, or couldn't verify that the names are ours.
    Refused,
    /// There were too many orders or tries.
    RateLimited,
    /// The storage can't be read or written.
    Storage,
}

/// From when to when a certificate is valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Validity {
    pub(super) not_before: SystemTime,
    pub(super) not_after: SystemTime,
}

impl Validity {
    /// When the certificate is renewed: when a third of its lifetime is left.
    pub(super) fn renewal(self) -> SystemTime {
        let lifetime = self.not_after.duration_since(self.not_before).unwrap_or_default();
        self.not_after - lifetime / 3
    }

    /// How long until the next look at the storage. Zero if the certificate is to be renewed now.
    pub(super) fn wait(self, now: SystemTime) -> Duration {
        self.renewal().duration_since(now).unwrap_or_default().min(BETWEEN_LOOKS)
    }
}

/// How long to wait after so many failures in a row, the last of which was this one.
pub(super) fn wait_after(fault: Fault, failures: u32) -> Duration {
    let waits = match fault {
        Fault::Unreachable | Fault::Storage => UNREACHABLE,
        Fault::Refused => REFUSED,
        Fault::RateLimited => LIMITED,
    };
    let doubled = 2_u32.saturating_pow(failures.saturating_sub(1));
    waits.first.saturating_mul(doubled).min(waits.longest)
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    const HOUR: Duration = Duration::from_secs(60 * 60);

    fn for_days(days: u32) -> Validity {
        Validity { not_before: UNIX_EPOCH, not_after: UNIX_EPOCH + days * DAY }
    }

    #[test]
    fn a_third_is_left_at_the_renewal() {
        assert_eq!(for_days(90).renewal(), UNIX_EPOCH + 60 * DAY);
        assert_eq!(for_days(6).renewal(), UNIX_EPOCH + 4 * DAY);
    }

    #[test]
    fn the_storage_is_looked_at_until_then() {
        let validity = for_days(90);
        let cases = [
            (Duration::ZERO, HOUR),
            (60 * DAY - HOUR / 2, HOUR / 2),
            (60 * DAY, Duration::ZERO),
            (100 * DAY, Duration::ZERO),
        ];
        for (since, wait) in cases {
            assert_eq!(validity.wait(UNIX_EPOCH + since), wait, "{since:?}");
        }
    }

    #[test]
    fn a_lifetime_that_makes_no_sense_is_over() {
        let backwards = Validity { not_before: UNIX_EPOCH + DAY, not_after: UNIX_EPOCH };
        assert_eq!(backwards.wait(UNIX_EPOCH), Duration::ZERO);
    }

    #[test]
    fn waits_double_up_to_the_longest() {
        let seconds = |fault, failures| wait_after(fault, failures).as_secs();
        let first: Vec<u64> = (1..=5).map(|failures| seconds(Fault::Unreachable, failures)).collect();
        assert_eq!(first, [1, 2, 4, 8, 16]);
        assert_eq!(seconds(Fault::Unreachable, 1000), 5 * 60);
        assert_eq!(seconds(Fault::Storage, 3), 4);
        assert_eq!(seconds(Fault::RateLimited, 1), 60 * 60);
        assert_eq!(seconds(Fault::RateLimited, u32::MAX), 24 * 60 * 60);
    }

    /// Let's Encrypt allows five failed validations of a name an hour.
    #[test]
    fn refusals_stay_within_five_an_hour() {
        let mut since = Duration::ZERO;
        let tries = (1..).map(|failures| {
            let at = since;
            since += wait_after(Fault::Refused, failures);
            at
        });
        let tries: Vec<Duration> = tries.take(30).collect();
        for (nth, begin) in tries.iter().enumerate() {
            let within = tries[nth..].iter().take_while(|at| **at < *begin + HOUR).count();
            assert!(within <= 5, "{within} tries from {begin:?} on");
        }
    }
}
