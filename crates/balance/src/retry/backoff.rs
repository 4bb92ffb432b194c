use std::time::Duration;

use crate::dice::Dice;

/// How long to wait before a retry: exponential backoff with full jitter (Marc Brooker, "Exponential Backoff And
/// Jitter", AWS Architecture Blog, 2015).
///
/// The pause before retry `n`, counted from 0, is drawn evenly from 0 to `base` x 2^n, and never exceeds `cap`. The
/// default of 25 ms and 250 ms thus bounds the pauses by 25, 50, 100, 200, 250, 250 ... ms. Neither number is a *least*
/// pause: retries that began together are spread best over all the time from 0 on.
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
    /// Nanoseconds, like `cap`.
    base: u64,
    cap: u64,
}

impl Backoff {
    /// 25 ms, and 250 ms at most.
    pub fn new() -> Self {
        Self { base: 25_000_000, cap: 250_000_000 }
    }

    /// The most that the first pause may be. Zero is no pause before any retry.
    pub fn base(self, base: Duration) -> Self {
        Self { base: nanos(base), ..self }
    }

    /// The most that any pause may be.
    pub fn cap(self, cap: Duration) -> Self {
        Self { cap: nanos(cap), ..self }
    }

    /// The pause before retry `attempt`, 0 being the first.
    pub fn delay(&self, attempt: u32, random: &Dice) -> Duration {
        // Lemire's multiplication, as in `Dice::below`: every nanosecond up to the bound and including it.
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
