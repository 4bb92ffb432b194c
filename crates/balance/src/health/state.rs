use crate::clock::Moment;

/// Where an endpoint stands between well and ejected.
///
/// All of it fits in one word, so that every change is one compare-and-swap: 3 bits for the phase, 16 for `times` and
/// 45 for `at`, in milliseconds rounded up. That is as long as a [`Moment`] lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct State {
    pub(crate) phase: Phase,
    /// Ejections that count for the length of the next.
    pub(crate) times: u16,
    /// Until when it is ejected; in any other phase, since when it is in it (well: since it was restored).
    pub(crate) at: Moment,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Well,
    Warming,
    Ejected,
    /// Ejected, and nobody can connect to it.
    Unreachable,
    Trial,
    Gone,
}

/// Which of its lives an endpoint is in: well until it is ejected is one, an ejection one, a trial one.
///
/// It is what the state says but for the phase: two lives with as many ejections begin at different times, to the
/// millisecond. What comes of a request counts in the life that it was sent in, and in no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Life(u64);

const PHASE_BITS: u32 = 3;
const TIMES_BITS: u32 = u16::BITS;
const NANOS_PER_MILLI: u64 = 1_000_000;

impl State {
    pub(crate) const GONE: Self = Self { phase: Phase::Gone, times: 0, at: Moment::from_nanos(0) };

    pub(crate) fn from_word(word: u64) -> Self {
        let phase = match word & ((1 << PHASE_BITS) - 1) {
            0 => Phase::Well,
            1 => Phase::Warming,
            2 => Phase::Ejected,
            3 => Phase::Unreachable,
            4 => Phase::Trial,
            _ => Phase::Gone,
        };
        let millis = word >> (PHASE_BITS + TIMES_BITS);
        Self {
            phase,
            times: (word >> PHASE_BITS) as u16,
            at: Moment::from_nanos(millis.saturating_mul(NANOS_PER_MILLI)),
        }
    }

    pub(crate) fn into_word(self) -> u64 {
        let millis = self.at.as_nanos().div_ceil(NANOS_PER_MILLI);
        millis << (PHASE_BITS + TIMES_BITS) | u64::from(self.times) << PHASE_BITS | self.phase as u64
    }

    pub(crate) fn life(self) -> Life {
        Life(self.into_word() >> PHASE_BITS)
    }

    pub(crate) fn is_ejected(self) -> bool {
        matches!(self.phase, Phase::Ejected | Phase::Unreachable)
    }

    /// Whether it counts for the most that may be ejected at a time.
    pub(crate) fn is_out(self) -> bool {
        self.is_ejected() || self.phase == Phase::Trial
    }

    /// Whether picks must look at it.
    pub(crate) fn is_unwell(self) -> bool {
        self.is_out() || self.phase == Phase::Warming
    }
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn phases() -> impl Strategy<Value = Phase> {
        prop::sample::select(vec![
            Phase::Well,
            Phase::Warming,
            Phase::Ejected,
            Phase::Unreachable,
            Phase::Trial,
            Phase::Gone,
        ])
    }

    proptest! {
        #[test]
        fn fits_in_a_word(phase in phases(), times: u16, nanos: u64) {
            let state = State { phase, times, at: Moment::from_nanos(nanos) };
            let read = State::from_word(state.into_word());
            prop_assert_eq!((read.phase, read.times), (phase, times));
            prop_assert!((0..NANOS_PER_MILLI).contains(&(read.at.as_nanos() - nanos)), "{read:?}");
            prop_assert_eq!(State::from_word(read.into_word()), read);
        }
    }

    #[test]
    fn zero_is_well_and_never_was_ejected() {
        assert_eq!(State::from_word(0), State { phase: Phase::Well, times: 0, at: Moment::default() });
    }
}
