//! Why something that was asked of a gateway wasn't done, and what to do about it.

use std::fmt;

/// Why something wasn't done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// What was said on the command line can't be used.
    Here(String),
    /// Nobody answers at this address.
    NobodyThere { place: String, why: String },
    /// The listener wants a token, and none was given.
    TokenWanted { place: String },
    /// The gateway refuses it.
    Refused { status: u16, why: String },
    /// What answers isn't a gateway's operator's listener.
    NotUnderstood { place: String, why: String },
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Here(why) => f.write_str(why),
            Self::NobodyThere { place, why } => write!(
                f,
                "no answer from {place}: {why}\n\
                 Say where the operator's listener is by --admin ADDR or $GATEWAY_ADMIN. It is `listen` in [admin] of \
                 the gateway's configuration; without [admin] there is none."
            ),
            Self::TokenWanted { place } => {
                write!(
                    f,
                    "{place} wants a token: give the file that has it by --token-file FILE, or set $GATEWAY_TOKEN"
                )
            }
            Self::Refused { status, why } => write!(f, "refused ({status}): {why}"),
            Self::NotUnderstood { place, why } => {
                write!(f, "{place} doesn't answer as an operator's listener does: {why}")
            }
        }
    }
}
