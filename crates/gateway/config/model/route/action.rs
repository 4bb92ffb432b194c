//! What a route does with its requests.

use super::answered::{Files, Respond, RouteRedirect};
use super::{PoolShare, Split};

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
    pub fn pools(&self) -> impl Iterator<Item = usize> {
        self.shares().map(|share| share.pool)
    }

    /// The same, with their shares. A pool alone has one of weight 1.
    pub fn shares(&self) -> impl Iterator<Item = PoolShare> {
        let (alone, several) = match self {
            Self::Pool(pool) => (Some(PoolShare { pool: *pool, weight: 1 }), &[][..]),
            Self::Split(split) => (None, &split.shares[..]),
            Self::Respond(_) | Self::Redirect(_) | Self::Files(_) => (None, &[][..]),
        };
        alone.into_iter().chain(several.iter().copied())
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
