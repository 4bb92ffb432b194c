//! The pools of a route: shares for several, a copy for another, and one for when there is nobody.

use std::time::Duration;

use http::HeaderName;

/// What a route has besides the pools that answer its requests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OtherPools {
    /// A pool that gets a copy of some requests. Default: `None`.
    pub mirror: Option<Mirror>,
    /// The pool that gets requests which the first has nobody for, as an index into
    /// [`Config::pools`](crate::config::Config::pools). Default: `None`; they are answered with an error.
    pub fallback: Option<usize>,
}

/// Shares of a route's requests for several pools.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// One for each pool, at least one of them with a weight above 0.
    pub shares: Vec<PoolShare>,
    /// Whose requests stay with a share. Default: [`SplitBy::Chance`].
    pub by: SplitBy,
}

/// The share of a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolShare {
    /// The pool, as an index into [`Config::pools`](crate::config::Config::pools).
    pub pool: usize,
    /// How many requests it gets against the others; 0 to 10,000.
    pub weight: u16,
}

/// What decides which share a request belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum SplitBy {
    /// Each request goes by chance.
    #[default]
    Chance,
    /// A client stays with its share, by a cookie of this name, an RFC 6265 §4.1.1 token of 1 to 256 characters.
    Cookie(String),
    /// Requests with the same value of this header stay together. Those without it go by chance.
    Header(HeaderName),
}

/// A pool that gets a copy of some requests. Nobody waits for its answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mirror {
    /// The pool, as an index into [`Config::pools`](crate::config::Config::pools).
    pub pool: usize,
    /// How many of the requests it gets, in percent; 1 to 100. Default: 100.
    pub percent: u8,
    /// The longest body in bytes that is copied; a request with a longer one is not mirrored. Default: 64 KiB.
    pub max_body: usize,
    /// How many copies may be under way, those that are being taken included; 1 to 10,000. Default: 100.
    pub max_in_flight: usize,
    /// How long one copy may take, to the end of its answer; longer than zero. Default: 30 s.
    pub timeout: Duration,
}

impl OtherPools {
    /// These pools, as indices into [`Config::pools`](crate::config::Config::pools).
    pub fn pools(&self) -> impl Iterator<Item = usize> + use<> {
        self.fallback.into_iter().chain(self.mirror.as_ref().map(|mirror| mirror.pool))
    }

    /// The same, with 0 for the number of each pool.
    pub(crate) fn without_numbers(&self) -> Self {
        let mirror = self.mirror.clone().map(|mirror| Mirror { pool: 0, ..mirror });
        Self { mirror, fallback: self.fallback.map(|_| 0) }
    }
}

impl Split {
    /// The same, with 0 for the number of each pool.
    pub(crate) fn without_numbers(&self) -> Self {
        let shares = self.shares.iter().map(|share| PoolShare { pool: 0, ..*share }).collect();
        Self { shares, by: self.by.clone() }
    }
}
