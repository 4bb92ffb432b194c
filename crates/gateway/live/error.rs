//! Why a configuration was not applied.

use std::error::Error;
use std::fmt;

use admin_auth::InvalidToken;

use crate::config::{Address, Config};
use crate::observe::log::LogError;
use crate::serve::BindError;

/// Why a configuration was not applied. Then nothing has changed.
#[derive(Debug)]
#[non_exhaustive]
pub enum ApplyError {
    /// A value that can't change while the gateway runs is another one.
    NeedsRestart {
        /// The key.
        key: &'static str,
        /// Where it stands, as `file:line:column`. `None` if it doesn't stand in the file, or if there is no file.
        place: Option<String>,
    },
    /// A listener can't listen.
    Listen {
        /// Its address, and why.
        error: BindError,
        /// Where the listeners stand, as `file:line:column`. `None` if there is no file.
        place: Option<String>,
    },
    /// A log can't be written where it is to go.
    Log {
        /// Where, and why.
        error: LogError,
        /// Where the log is configured, as `file:line:column`. `None` if there is no file.
        place: Option<String>,
    },
    /// A route or page has the prefix of a service of the program's own.
    Taken {
        /// The prefix.
        prefix: String,
    },
    /// Other machines could reach the operator's listener, and nobody would need a token.
    Exposed {
        /// Its address.
        address: Address,
    },
    /// An admin token is malformed. This can't happen with a [`Config`] that was read from a file.
    Token(InvalidToken),
    /// The gateway has stopped serving.
    Stopped,
}

impl ApplyError {
    pub(super) fn needs_restart(key: &'static str, config: &Config) -> Self {
        let table = key.split('.').next().unwrap_or(key);
        let place = config.origin.as_ref().and_then(|origin| origin.place_of(table));
        Self::NeedsRestart { key, place }
    }

    /// Refuses a configuration in which nobody would need a token for what other machines can reach.
    pub(super) fn if_exposed(config: &Config) -> Result<(), Self> {
        match config.admin.as_ref().filter(|admin| admin.is_exposed()) {
            Some(admin) => Err(Self::Exposed { address: admin.listen.clone() }),
            None => Ok(()),
        }
    }

    pub(super) fn listen(error: BindError, config: &Config) -> Self {
        let place = config.origin.as_ref().and_then(|origin| origin.place_of("listen"));
        Self::Listen { error, place }
    }

    pub(super) fn log(error: LogError, config: &Config) -> Self {
        let place = config.origin.as_ref().and_then(|origin| origin.place_of("log"));
        Self::Log { error, place }
    }
}

impl fmt::Display for ApplyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::NeedsRestart { place: Some(place), .. }
        | Self::Listen { place: Some(place), .. }
        | Self::Log { place: Some(place), .. } = self
        {
            write!(f, "{place}: ")?;
        }
        match self {
            Self::Listen { error, .. } => write!(f, "{error}: {}", error.io()),
            Self::Log { error, .. } => write!(f, "{error}: {}", error.io()),
            Self::NeedsRestart { key, .. } => {
                write!(f, "{key} can't change while the gateway runs: restart it")
            }
            Self::Taken { prefix } => {
                write!(
                    f,
                    "{prefix} is taken by a service that the program has added, so it can't be a route or page"
                )
            }
            Self::Exposed { address } => write!(
                f,
                "other machines can reach the operator's listener on {address}, so it needs admin_tokens"
            ),
            Self::Token(_) => f.write_str("an admin token is malformed"),
            Self::Stopped => f.write_str("the gateway has stopped"),
        }
    }
}

impl Error for ApplyError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Token(error) => Some(error),
            Self::Listen { error, .. } => Some(error.io()),
            Self::Log { error, .. } => Some(error.io()),
            Self::NeedsRestart { .. } | Self::Taken { .. } | Self::Exposed { .. } | Self::Stopped => None,
        }
    }
}

impl From<InvalidToken> for ApplyError {
    fn from(error: InvalidToken) -> Self {
        Self::Token(error)
    }
}
