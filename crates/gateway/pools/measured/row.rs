//! What is read of pools and endpoints at a scrape.

use std::collections::BTreeMap;
use std::sync::Arc;

use balance::Health;
use proxy_service::ConnectionCounts;

use crate::observe::error_name;
use crate::pools::endpoint::Endpoint;
use crate::pools::named::{NamedPool, takes_requests};

/// A pool with its endpoints.
pub(super) struct Pool<'a> {
    pub(super) named: &'a NamedPool,
    pub(super) rows: Vec<Row<'a>>,
}

/// An endpoint with its labels.
pub(super) struct Row<'a> {
    pool: &'a str,
    url: String,
    pub(super) endpoint: Arc<balance::Endpoint<Endpoint>>,
    pub(super) health: Health,
    pub(super) connections: ConnectionCounts,
}

impl<'a> Pool<'a> {
    pub(super) fn read(named: &'a NamedPool) -> Self {
        let row = |endpoint: Arc<balance::Endpoint<Endpoint>>| Row {
            pool: named.name(),
            url: endpoint.service().target().to_string(),
            health: endpoint.health(),
            connections: endpoint.service().connections(),
            endpoint,
        };
        Self { named, rows: named.endpoints().snapshot().into_iter().map(row).collect() }
    }

    pub(super) fn usable(&self) -> usize {
        self.rows.iter().filter(|row| takes_requests(&row.endpoint)).count()
    }
}

impl Row<'_> {
    pub(super) fn labels(&self) -> [&str; 2] {
        [self.pool, &self.url]
    }

    /// How often requests ended with each error, by its name. Some kinds of errors have the same.
    pub(super) fn errors(&self) -> BTreeMap<&'static str, u64> {
        let mut errors = BTreeMap::new();
        for (kind, count) in self.endpoint.service().failures().by_kind() {
            *errors.entry(error_name(kind)).or_default() += count;
        }
        errors
    }
}
