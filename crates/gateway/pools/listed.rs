//! An upstream of a pool's list, with what is known of its endpoints.

use std::sync::Arc;

use balance::Entry;
use proxy_service::Target;

use super::endpoint;
use crate::config::{Location, Upstream};
use crate::discovery::{Found, Source};

/// An upstream of a pool's list, with what is known of its endpoints.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(super) upstream: Upstream,
    /// `None` if nothing was found yet, or if there is nothing to find.
    pub(super) found: Option<Vec<Found>>,
    /// Where they were looked up, until somebody follows it.
    pub(super) source: Option<Box<Source>>,
}

impl Listed {
    /// An upstream of which only what the configuration says is known.
    pub(crate) fn of(upstream: &Upstream) -> Self {
        Self { upstream: upstream.clone(), found: None, source: None }
    }

    pub(super) fn location(&self) -> &Location {
        &self.upstream.location
    }

    /// Itself, with what `before` knows where this one knows nothing.
    pub(super) fn or_as_in(self, before: &[Self]) -> Self {
        let known = || before.iter().find(|other| other.location() == self.location())?.found.clone();
        Self { found: self.found.clone().or_else(known), ..self }
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = Entry<Arc<Target>>> {
        let Upstream { weight, priority, .. } = &self.upstream;
        let fixed = match &self.upstream.location {
            Location::Fixed(target) => Some(Found::new(target.clone())),
            _ => None,
        };
        fixed.into_iter().chain(self.found.iter().flatten().cloned()).map(|found| {
            entry(&found)
                .weight(found.share().saturating_mul(weight.get()))
                .priority(found.tier().saturating_add(*priority))
        })
    }
}

pub(super) fn entry(found: &Found) -> Entry<Arc<Target>> {
    let target = found.target();
    Entry::new(Arc::new(target.clone()))
        .weight(found.share())
        .priority(found.tier())
        .id(endpoint::id_of(target))
}
