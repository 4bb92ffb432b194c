//! What a look at a source has brought.

use std::fmt;
use std::time::Duration;

/// What a look at a source has brought.
#[derive(Debug)]
pub(super) struct Looked {
    /// How long it holds. `None` if nothing was learned.
    pub(super) ttl: Option<Duration>,
    /// Why not everything was learned.
    pub(super) trouble: Option<Trouble>,
}

/// Why a source told nothing, or not everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// It answered that there is nothing.
    Nothing,
    TimedOut,
    Failed(String),
}

impl Trouble {
    pub(super) fn of(error: impl fmt::Display) -> Self {
        Self::Failed(error.to_string())
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("there is no endpoint"),
            Self::TimedOut => f.write_str("no answer in time"),
            Self::Failed(why) => f.write_str(why),
        }
    }
}
