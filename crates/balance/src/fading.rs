use crate::clock::Moment;

/// A tick is 2^23 ns, about 8.4 ms. 32 bits of ticks are 417 days.
pub(crate) const TICK_BITS: u32 = 23;

/// A number that fades as time passes, and the time that it belongs to. Both are in one word, so that they always
/// belong together, without a lock.
///
/// The time is rounded to ticks of 8.4 ms. A number that is older than 208 days seems to be new.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fading {
    /// 0 if nothing was noted yet.
    pub(crate) value: f32,
    pub(crate) tick: u32,
}

impl Fading {
    pub(crate) fn from_word(word: u64) -> Self {
        Self { value: f32::from_bits((word >> 32) as u32), tick: word as u32 }
    }

    pub(crate) fn into_word(self) -> u64 {
        u64::from(self.value.to_bits()) << 32 | u64::from(self.tick)
    }

    /// What is left of 1 at `tick`, if it falls to 1/e within `constant` nanoseconds.
    pub(crate) fn remainder(self, tick: u32, constant: f64) -> f64 {
        let nanos = u64::from(self.age(tick)) << TICK_BITS;
        (-(nanos as f64) / constant).exp()
    }

    /// Ticks since then. 0 if another thread, with a later clock, has written already.
    pub(crate) fn age(self, tick: u32) -> u32 {
        let age = tick.wrapping_sub(self.tick);
        if age > u32::MAX / 2 { 0 } else { age }
    }
}

/// It wraps after 417 days.
pub(crate) fn tick(moment: Moment) -> u32 {
    (moment.as_nanos() >> TICK_BITS) as u32
}
