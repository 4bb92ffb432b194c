use std::time::Duration;

use crate::dice::Dice;

/// How long to pause before a retry.
///
/// This is exponential backoff with full jitter (Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture
/// Blog, 2015).
///
/// The pause before retry `n`, counted from 0, is drawn evenly from 0 to `base` x 2^n, and never exceeds `cap`.
/// With the defaults of 25 ms and 250 ms the pauses are at most 25, 50, 100, 200, 250, 250 ... ms. There is no
/// *least* pause: retries that begin at the same time spread best over all of the time from 0 on.
///
/// ```
/// # use std::time::Duration;
/// # use balance::{Backoff, Dice};
/// let (backoff, random) = (Backoff::new().base(Duration::from_millis(10)), Dice::new());
/// assert!(backoff.delay(0, &random) <= Duration::from_millis(10));
/// assert!(backoff.delay(9, &random) <= Duration::from_millis(250));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// In nanoseconds, as `cap`.
    base: u64,
    cap: u64,
}

impl Backoff {
    /// At most 25 ms before the first retry, and at most 250 ms before any.
    pub fn new() -> Self {
        Self { base: 25_000_000, cap: 250_000_000 }
    }

    /// The longest first pause. Zero means no pause before any retry.
    pub fn base(self, base: Duration) -> Self {
        Self { base: nanos(base), ..self }
    }

    /// The longest pause before any retry.
    pub fn cap(self, cap: Duration) -> Self {
        Self { cap: nanos(cap), ..self }
    }

    /// A pause before retry `attempt`, counted from 0.
    pub fn delay(&self, attempt: u32, random: &Dice) -> Duration {
        // Lemire's multiplication, as in `Dice::below`, over the nanoseconds from 0 to the bound, the bound
        // included.
        let product = u128::from(random.next_u64()) * (u128::from(self.bound(attempt)) + 1);
        Duration::from_nanos((product >> 64) as u64)
    }

    fn bound(&self, attempt: u32) -> u64 {
        self.base.saturating_mul(2_u64.saturating_pow(attempt)).min(self.cap)
    }
}

impl Default for Backoff {
    fn default() -> Self {
        Self::new()
    }
}

/// Saturates after 584 years.
fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(all(test, not(loom)))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn bounds_double_up_to_the_cap() {
        let ms = Duration::from_millis;
        let usual = Backoff::new();
        let slow = usual.base(ms(1_000)).cap(Duration::MAX);
        for (backoff, attempt, bound) in [
            (usual, 0, ms(25)),
            (usual, 1, ms(50)),
            (usual, 3, ms(200)),
            (usual, 4, ms(250)),
            (usual, u32::MAX, ms(250)),
            (usual.base(ms(300)), 0, ms(250)),
            (usual.base(Duration::ZERO), u32::MAX, Duration::ZERO),
            (usual.cap(Duration::ZERO), 7, Duration::ZERO),
            (slow, 10, ms(1_024_000)),
            (slow, 64, Duration::from_nanos(u64::MAX)),
            (slow, u32::MAX, Duration::from_nanos(u64::MAX)),
        ] {
            assert_eq!(Duration::from_nanos(backoff.bound(attempt)), bound, "{backoff:?}, {attempt}");
        }
    }

    /// Each tenth of the range gets its tenth of the pauses, the first tenth too.
    #[test]
    fn pauses_are_spread_over_the_whole_range() {
        let (backoff, random) = (Backoff::new(), Dice::seeded(7));
        let mut tenths = [0_u32; 10];
        for _ in 0..10_000 {
            let pause = backoff.delay(9, &random).as_nanos();
            tenths[(pause / 25_000_001) as usize] += 1;
        }
        assert!(tenths.iter().all(|count| (900..1_100).contains(count)), "{tenths:?}");
    }

    proptest! {
        #[test]
        fn no_pause_is_longer_than_its_bound(seed: u64, attempt: u32, base: u64, cap: u64) {
            let (base, cap) = (Duration::from_nanos(base), Duration::from_nanos(cap));
            let backoff = Backoff::new().base(base).cap(cap);
            let doubled = base.as_nanos().saturating_mul(1_u128.checked_shl(attempt).unwrap_or(u128::MAX));
            let pause = backoff.delay(attempt, &Dice::seeded(seed)).as_nanos();
            prop_assert!(pause <= doubled.min(cap.as_nanos()));
        }

        /// In a range of few nanoseconds, both ends are drawn.
        #[test]
        fn both_ends_are_drawn(seed: u64, bound in 0..4_u64) {
            let backoff = Backoff::new().base(Duration::from_nanos(bound));
            let random = Dice::seeded(seed);
            let pauses: Vec<u128> = (0..200).map(|_| backoff.delay(0, &random).as_nanos()).collect();
            prop_assert_eq!(pauses.iter().min(), Some(&0));
            prop_assert_eq!(pauses.iter().max(), Some(&u128::from(bound)));
        }
    }
}
