//! An upstream of a pool's list, with what is known of its endpoints.

use balance::Entry;
use proxy_service::Target;

use super::endpoint;
use crate::config::{Location, Upstream};
use crate::discovery::{Found, Source};

/// An upstream of a pool's list, with what is known of its endpoints.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(super) upstream: Upstream,
    /// `None` if nothing was found yet.
    pub(super) found: Option<Vec<Found>>,
    /// Where they were looked up, until somebody follows it.
    pub(super) source: Option<Source>,
}

impl Listed {
    /// An upstream of which only what the configuration says is known.
    pub(super) fn of(upstream: &Upstream) -> Self {
        let found = match &upstream.location {
            Location::Fixed(target) => Some(vec![Found::new(target.clone())]),
            _ => None,
        };
        Self { upstream: upstream.clone(), found, source: None }
    }

    pub(super) fn location(&self) -> &Location {
        &self.upstream.location
    }

    /// Itself, with what `before` knows where this one knows nothing.
    pub(super) fn or_as_in(self, before: &[Self]) -> Self {
        let known = || before.iter().find(|other| other.location() == self.location())?.found.clone();
        Self { found: self.found.clone().or_else(known), ..self }
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = Entry<Target>> {
        let Upstream { weight, priority, .. } = &self.upstream;
        self.found.iter().flatten().map(|found| {
            entry(found)
                .weight(found.share().saturating_mul(weight.get()))
                .priority(found.tier().saturating_add(*priority))
        })
    }
}

pub(super) fn entry(found: &Found) -> Entry<Target> {
    let target = found.target();
    Entry::new(target.clone()).weight(found.share()).priority(found.tier()).id(endpoint::id_of(target))
}
