use super::window::Counts;

/// Why an endpoint was ejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Cause {
    /// So many of its requests failed, one after the other: see [`Outliers::consecutive`](crate::Outliers::consecutive).
    FailuresInARow(u32),
    /// So many of its latest requests failed: see [`FailureRate`](crate::FailureRate).
    FailureRate {
        /// How many failed.
        failures: u32,
        /// Of how many.
        requests: u32,
    },
    /// The request failed that was sent on trial after an earlier ejection.
    FailedTrial,
    /// Somebody asked for it: see [`Endpoints::eject`](crate::Endpoints::eject).
    ByHand,
}

impl Cause {
    pub(super) fn of_rate(counts: Counts) -> Self {
        let saturated = |count| u32::try_from(count).unwrap_or(u32::MAX);
        Self::FailureRate { failures: saturated(counts.failures), requests: saturated(counts.total) }
    }

    /// Causes that failures have, as one word. An ejection by hand is known by its phase.
    pub(super) fn into_word(self) -> u64 {
        let (failures, requests) = match self {
            Self::FailuresInARow(failures) => (failures, 0),
            Self::FailureRate { failures, requests } => (failures, requests),
            Self::FailedTrial | Self::ByHand => (0, 0),
        };
        u64::from(failures) << u32::BITS | u64::from(requests)
    }

    pub(super) fn from_word(word: u64) -> Self {
        match ((word >> u32::BITS) as u32, word as u32) {
            (0, 0) => Self::FailedTrial,
            (failures, 0) => Self::FailuresInARow(failures),
            (failures, requests) => Self::FailureRate { failures, requests },
        }
    }
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests {
    use super::*;

    #[test]
    fn fits_in_a_word() {
        let rate = Cause::FailureRate { failures: 10, requests: u32::MAX };
        for cause in [Cause::FailuresInARow(1), Cause::FailuresInARow(u32::MAX), rate, Cause::FailedTrial] {
            assert_eq!(Cause::from_word(cause.into_word()), cause);
        }
    }
}
