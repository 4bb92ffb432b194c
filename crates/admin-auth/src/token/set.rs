use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use subtle::{ConditionallySelectable, ConstantTimeEq};

use super::{AdminToken, Digest};

/// The tokens that open the gate: several at once, so that they can be rotated. Cheap to clone.
///
/// Where one secret stands in it twice, the later entry that has not expired counts.
///
/// Collecting into a set can leave it empty, and then it opens to nobody; [`TokenSet::new`] makes that an error.
#[derive(Clone, Debug)]
pub struct TokenSet {
    tokens: Arc<[AdminToken]>,
}

/// What a set knows of a presented secret.
#[derive(Debug)]
pub(crate) enum Match<'a> {
    Live(&'a AdminToken),
    Expired(&'a AdminToken),
    Unknown,
}

/// Places in the set, or `NOWHERE`.
struct Found {
    live: u32,
    expired: u32,
}

const NOWHERE: u32 = u32::MAX;

impl TokenSet {
    /// A set with at least one token in it.
    ///
    /// # Errors
    ///
    /// When there is none: for a start-up that must not end with a gate that nobody can open.
    pub fn new(tokens: impl IntoIterator<Item = AdminToken>) -> Result<Self, NoTokens> {
        let set = Self::from_iter(tokens);
        if set.is_empty() { Err(NoTokens(())) } else { Ok(set) }
    }

    /// How many tokens there are, expired ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tokens.len()
    }

    /// Whether there are none, so that everything is refused.
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

/// Does the same work for every secret: no branch before the last token depends on what any comparison said.
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

/// A [`TokenSet`] was to be made of no tokens.
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
