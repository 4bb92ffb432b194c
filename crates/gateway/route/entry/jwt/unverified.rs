//! `Unverified`: the guard of a rehearsal, which fetches no keys.

use http::HeaderName;
use http::request::Parts;

use super::rejection;
use super::token::Place;
use crate::config::Jwt;
use crate::route::entry::guard::{Granted, Guard, Verdict};
use crate::route::entry::identity;

/// Lets in whoever has a token, valid or not. What the service behind must not get is removed as ever.
pub(in crate::route::entry) struct Unverified {
    place: Place,
    told: Vec<HeaderName>,
}

impl Unverified {
    pub(in crate::route::entry) fn new(rules: &Jwt) -> Self {
        Self { place: Place::of(rules), told: rules.headers.iter().map(|(name, _)| name.clone()).collect() }
    }
}

impl Guard for Unverified {
    fn examine(&self, head: &mut Parts) -> Verdict {
        identity::remove(&mut head.headers, &self.told);
        match self.place.take(&mut head.headers) {
            Ok(token) => token.give_back(Granted::default()).into(),
            Err(kind) => rejection(kind).into(),
        }
    }
}
