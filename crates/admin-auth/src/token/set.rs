use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use subtle::{ConditionallySelectable, ConstantTimeEq};

use super::{AdminToken, Digest};

/// The tokens that are let through: several at once, so that they can be rotated. Cheap to clone.
///
/// If a secret is in the set twice, the last entry that has not expired counts.
///
/// A set made by `collect` may be empty. Then every request is refused. [`TokenSet::new`] makes that an error.
#[derive(Clone, Debug)]
pub struct TokenSet {
    tokens: Arc<[AdminToken]>,
}

/// What a set says about a secret.
#[derive(Debug)]
pub(crate) enum Match<'a> {
    Live(&'a AdminToken),
    Expired(&'a AdminToken),
    Unknown,
}

/// Indices in the set, or `NOWHERE`.
struct Found {
    live: u32,
    expired: u32,
}

const NOWHERE: u32 = u32::MAX;

impl TokenSet {
    /// Makes a set of at least one token.
    ///
    /// # Errors
    ///
    /// If there is no token: nobody could get through such a gate, so it should fail at start.
    pub fn new(tokens: impl IntoIterator<Item = AdminToken>) -> Result<Self, NoTokens> {
        let set = Self::from_iter(tokens);
        if set.is_empty() { Err(NoTokens(())) } else { Ok(set) }
    }

    /// The number of tokens, expired ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tokens.len()
    }

    /// Whether the set is empty, so that every request is refused.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    pub(crate) fn find(&self, presented: &Digest, now: SystemTime) -> Match<'_> {
        let found = compare_all(self.tokens.iter(), presented, now);
        match (self.at(found.live), self.at(found.expired)) {
            (Some(token), _) => Match::Live(token),
            (None, Some(token)) => Match::Expired(token),
            (None, None) => Match::Unknown,
        }
    }

    fn at(&self, place: u32) -> Option<&AdminToken> {
        self.tokens.get(usize::try_from(place).ok()?)
    }
}

/// Does the same work for every secret: until all tokens are compared, no branch depends on the result of a
/// comparison.
fn compare_all<'a>(
    tokens: impl Iterator<Item = &'a AdminToken>,
    presented: &Digest,
    now: SystemTime,
) -> Found {
    let mut found = Found { live: NOWHERE, expired: NOWHERE };
    for (place, token) in (0..NOWHERE).zip(tokens) {
        let equal = token.digest.ct_eq(presented);
        let expired = token.is_expired(now);
        found.live.conditional_assign(&place, equal & !expired);
        found.expired.conditional_assign(&place, equal & expired);
    }
    found
}

impl FromIterator<AdminToken> for TokenSet {
    fn from_iter<I: IntoIterator<Item = AdminToken>>(tokens: I) -> Self {
        Self { tokens: tokens.into_iter().collect() }
    }
}

impl From<AdminToken> for TokenSet {
    fn from(token: AdminToken) -> Self {
        Self::from_iter([token])
    }
}

impl<const N: usize> From<[AdminToken; N]> for TokenSet {
    fn from(tokens: [AdminToken; N]) -> Self {
        Self::from_iter(tokens)
    }
}

/// The error of a [`TokenSet`] without tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoTokens(());

impl fmt::Display for NoTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("there is no admin token, so nobody could pass")
    }
}

impl Error for NoTokens {}

#[cfg(test)]
mod tests;
