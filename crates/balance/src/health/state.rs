use crate::clock::Moment;

/// The state of an endpoint between healthy and ejected.
///
/// It fits in one word, so that each change is one compare-and-swap: 3 bits for the phase, 16 for `times`, and 45
/// for `at`, in milliseconds rounded up. They last as long as a [`Moment`] does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct State {
    pub(crate) phase: Phase,
    /// The number of ejections that count for the length of the next one.
    pub(crate) times: u16,
    /// The end of an ejection, also of one by hand. In any other phase its beginning; for a healthy endpoint, the
    /// time since it came back.
    pub(crate) at: Moment,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Well,
    Warming,
    Ejected,
    /// Ejected, and no connection can be made to it.
    Unreachable,
    Trial,
    /// Ejected by hand. It is back when the time is over, without a trial.
    SetAside,
    Gone,
}

/// The period of its history that an endpoint is in: healthy until an ejection, one ejection, or one trial.
///
/// It is the state without the phase: two lives with the same number of ejections begin at different milliseconds.
/// The outcome of a request counts only in the life in which it was sent.
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
            5 => Phase::SetAside,
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

    /// Whether it is one of those of which only so many may be out at a time.
    pub(crate) fn is_out(self) -> bool {
        self.is_ejected() || matches!(self.phase, Phase::Trial | Phase::SetAside)
    }

    /// Whether picks have to look at the state, since it isn't healthy.
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
            Phase::SetAside,
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
