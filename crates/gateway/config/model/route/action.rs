//! What a route does with its requests.

use super::Split;
use super::answered::{Files, Respond, RouteRedirect};

/// What a route does with its requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// It forwards them to the pool with this index in [`Config::pools`](crate::config::Config::pools).
    Pool(usize),
    /// Each of them goes to one of several pools.
    Split(Split),
    /// It answers all of them in the same way.
    Respond(Respond),
    /// It sends clients elsewhere.
    Redirect(RouteRedirect),
    /// It answers with the files below a directory.
    Files(Files),
}

impl Action {
    /// The pools that requests may go to, as indices into [`Config::pools`](crate::config::Config::pools).
    pub fn pools(&self) -> impl Iterator<Item = usize> + use<> {
        let pools = match self {
            Self::Pool(index) => vec![*index],
            Self::Split(split) => split.shares.iter().map(|share| share.pool).collect(),
            Self::Respond(_) | Self::Redirect(_) | Self::Files(_) => Vec::new(),
        };
        pools.into_iter()
    }

    /// What is answered here without an upstream, in a few words. `None` if requests are forwarded.
    pub fn own_answer(&self) -> Option<String> {
        match self {
            Self::Pool(_) | Self::Split(_) => None,
            Self::Respond(respond) => Some(format!("answer {}", respond.status.as_u16())),
            Self::Redirect(redirect) => Some(format!("redirect {}", redirect.status.as_u16())),
            Self::Files(files) => Some(format!("files below {}", files.root.display())),
        }
    }

    /// The same, with 0 for the number of each pool.
    pub(crate) fn without_numbers(&self) -> Self {
        match self {
            Self::Pool(_) => Self::Pool(0),
            Self::Split(split) => Self::Split(split.without_numbers()),
            other => other.clone(),
        }
    }
}
