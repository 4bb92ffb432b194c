//! What runs, and how another configuration takes its place: first everything that can fail is prepared, then it is
//! committed.

mod committed;
mod prepared;
mod serving;

use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::body::Body;
use axum::http::Request;
use axum::response::IntoResponse;
use futures_core::Stream;
use tower::Service;

use self::serving::Serving;
use super::applied::Applied;
use super::departed::Stays;
use super::error::ApplyError;
use super::mounts::Mounts;
use super::pools::{self, Pools};
use super::scene::Scene;
use super::surface::Outside;
use crate::background::Background;
use crate::config::Config;
use crate::discovery::{self, Found, Sources};
use crate::gates::Gates;
use crate::observe::log::{Lines, Log, Logs};
use crate::pools::NamedPool;
use crate::route::limits;
use crate::serve::ListenerSet;
use crate::table;
#[cfg(feature = "tls")]
use crate::tls::Terminators;

/// The configuration that runs, and what was made from it.
#[derive(Debug)]
pub(super) struct State {
    config: Arc<Config>,
    pools: Pools,
    gates: Gates,
    stays: Stays,
    limits: Arc<limits::Kept>,
    mounts: Mounts,
    outside: Outside,
    logs: Logs,
    sources: Sources,
    /// Reads the sources of the program's own, and keeps the connection to Redis.
    reading: Background,
    serving: Option<Serving>,
}

impl State {
    /// The state of a gateway that doesn't serve yet.
    pub(super) fn new(config: Arc<Config>, gates: Gates, logs: Logs, outside: Outside) -> Self {
        let (mut pools, mounts) = (Pools::default(), Mounts::default());
        let sources = Sources::new(&config.dns);
        let next = pools.prepare(&config, &config, &outside.tunnels, &sources);
        pools.commit(next, &config);
        let stays = Stays::of(&config, &Stays::default(), &outside.tunnels);
        let (limits, reading) = limits::Kept::of(&config, &limits::Kept::default());
        let limits = Arc::new(limits);
        outside.limits.turn_to(&limits);
        let serving = None;
        let state =
            Self { config, pools, gates, stays, limits, mounts, outside, logs, sources, reading, serving };
        state.outside.roster.store(Arc::new(state.named()));
        state
    }

    /// The pools that run, for onlookers and the log.
    fn named(&self) -> Vec<NamedPool> {
        let nothing_new = pools::Next::default();
        let pools = self.pools.after(&nothing_new, &self.config);
        pools.into_iter().map(|(config, pool)| pool.named(config)).collect()
    }

    pub(super) fn files(&self) -> Vec<PathBuf> {
        let files = self.config.origin.iter().flat_map(|origin| origin.files());
        files.map(Path::to_owned).collect()
    }

    /// Adds a service of the program's own.
    ///
    /// # Panics
    /// If the prefix is `/`, or that of a route, a page or another such service.
    pub(super) fn mount<S>(&mut self, prefix: &str, service: S)
    where
        S: Service<Request<Body>, Response: IntoResponse, Error = Infallible, Future: Send>,
        S: Clone + Send + Sync + 'static,
    {
        self.mounts.add(prefix, service);
        let taken = self.mounts.taken_by(&self.config);
        assert_eq!(taken, None, "there is a route or a page at this prefix");
        self.mounts.put_into(&mut table::Builder::default());
    }

    /// Takes the upstreams of a pool from a source of the program's own.
    ///
    /// # Panics
    /// If there is no such pool.
    pub(super) fn take_from<S>(&mut self, sets: S, pool: &str)
    where
        S: Stream<Item: IntoIterator<Item: Into<Found>>> + Send + 'static,
    {
        let (source, reading) = discovery::latest(sets);
        self.pools.take_from(source, pool);
        self.reading.add(reading);
    }

    /// Takes care of the log of the process.
    pub(super) fn attend_to(&mut self, log: &Log) {
        self.logs.attend_to(log);
    }

    /// Opens the files of the logs anew.
    pub(super) fn reopen_logs(&self) {
        self.logs.reopen(&self.config.log);
    }

    /// Takes the lines for requests out, to wait until they are written.
    pub(super) fn take_lines(&mut self) -> Option<Lines> {
        self.logs.take_access()
    }

    #[cfg(feature = "tls")]
    pub(super) fn terminators(&self) -> Terminators {
        self.outside.terminators.clone()
    }

    /// Puts another configuration in place of this one, or says why it can't be.
    pub(super) async fn apply(&mut self, config: Config) -> Result<Applied, ApplyError> {
        if self.serving.as_ref().is_some_and(|serving| serving.ground.is_over()) {
            return Err(ApplyError::Stopped);
        }
        let status = self.outside.statuses.load().next(config.digest());
        let applied = Applied::between(&self.config, &config, status.generation);
        if applied.is_empty() {
            return Ok(self.rename(Arc::new(config), applied));
        }
        let mut prepared = self.prepare(&config)?;
        prepared.pools.find(&config).await;
        self.pools.keep_pauses(&prepared.pools);
        self.commit(Arc::new(config), prepared);
        self.outside.statuses.store(Arc::new(status));
        Ok(applied)
    }

    /// Takes over a configuration that says the same, for its digest and its places.
    fn rename(&mut self, config: Arc<Config>, applied: Applied) -> Applied {
        self.outside.statuses.rcu(|status| status.renamed(config.digest()));
        self.config = config;
        self.show();
        Applied { generation: self.outside.statuses.load().generation, ..applied }
    }

    /// From now on, a change of the listeners is possible.
    pub(super) fn listens_with(&mut self, listeners: ListenerSet) {
        if let Some(serving) = &mut self.serving {
            // The gateway serves once.
            let _ = self.outside.listeners.set(listeners.clone());
            serving.listeners = Some(listeners);
        }
    }

    /// Shows onlookers what runs.
    fn show(&self) {
        self.outside.scenes.store(Arc::new(Scene {
            config: Arc::clone(&self.config),
            gate: self.gates.operator().cloned(),
            is_serving: self.serving.is_some(),
        }));
    }
}
