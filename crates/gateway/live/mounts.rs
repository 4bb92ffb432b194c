//! Services of the program's own, which every generation has.

use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;

use axum::body::Body;
use axum::http::Request;
use axum::response::IntoResponse;
use tower::Service;

use crate::config::Config;
use crate::index;
use crate::table;

/// The services that a program has added to those of the configuration.
#[derive(Clone, Default)]
pub(super) struct Mounts {
    all: Vec<Mount>,
}

#[derive(Clone)]
struct Mount {
    prefix: String,
    add: Arc<Add>,
}

/// Adds a service to a table, below a prefix.
type Add = dyn Fn(&str, &mut table::Builder) + Send + Sync;

impl Mounts {
    pub(super) fn add<S>(&mut self, prefix: &str, service: S)
    where
        S: Service<Request<Body>, Response: IntoResponse, Error = Infallible, Future: Send>,
        S: Clone + Send + Sync + 'static,
    {
        let add =
            Arc::new(move |prefix: &str, table: &mut table::Builder| table.nest(prefix, service.clone()));
        self.all.push(Mount { prefix: prefix.to_owned(), add });
    }

    /// Adds them all to a table.
    ///
    /// # Panics
    /// If one of them is [taken](Self::taken_by), or stands twice in the list, or is `/`.
    pub(super) fn put_into(&self, table: &mut table::Builder) {
        for Mount { prefix, add } in &self.all {
            add(prefix, table);
        }
    }

    /// Whether one of them is at this prefix.
    #[cfg(feature = "acme")]
    pub(super) fn has(&self, prefix: &str) -> bool {
        self.all.iter().any(|mount| mount.prefix == prefix)
    }

    /// The first prefix that is also that of a route or page.
    pub(super) fn taken_by(&self, config: &Config) -> Option<&str> {
        let is_taken = |prefix: &str| {
            config.routes.iter().any(|route| route.matching.is_literally(prefix))
                || index::paths(config).any(|page| page == prefix)
        };
        self.all.iter().map(|mount| mount.prefix.as_str()).find(|prefix| is_taken(prefix))
    }
}

impl fmt::Debug for Mounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.all.iter().map(|mount| &mount.prefix)).finish()
    }
}
