//! What runs, and how another configuration takes its place: first everything that can fail is prepared, then it is
//! committed.

use std::convert::Infallible;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use axum::body::Body;
use axum::http::Request;
use axum::response::IntoResponse;
use futures_core::Stream;
use tokio::task::JoinSet;
use tower::Service;

use super::applied::Applied;
use super::departed::{Departed, Stays};
use super::error::ApplyError;
use super::generation::Current;
use super::mounts::Mounts;
use super::pools::{self, Pools};
use super::scene::Scene;
use super::surface::{Outside, Parts, Surface};
use crate::background::{Background, Ground};
use crate::config::{Address, Config};
use crate::discovery::{self, Found, Sources};
use crate::edge::Stack;
use crate::gates::Gates;
use crate::observe::log::{Lines, Log, Logs, Turned};
use crate::pools::{NamedPool, measure, watch};
use crate::route::{Purpose, limits};
use crate::serve::{Change, ListenerSet};
use crate::table;
#[cfg(feature = "tls")]
use crate::tls::{self, Terminators};

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

/// What a gateway that serves has beside its configuration.
struct Serving {
    ground: Ground,
    /// Makes this the generation that is current.
    publish: Box<dyn Fn(Surface) + Send + Sync>,
    /// The listeners, if their sockets were opened by the gateway.
    listeners: Option<ListenerSet>,
    /// What reads the sources of the program's own, tells the log of changes in health, looks after the certificates of
    /// the listeners, and ends the rest of routes and upstreams that are gone.
    tasks: JoinSet<()>,
}

impl Serving {
    fn see_off(&mut self, departed: Departed, drain: Duration) {
        while self.tasks.try_join_next().is_some() {}
        if !departed.is_empty() {
            self.ground.run_in(&mut self.tasks, departed.end_after(drain));
        }
    }
}

/// Everything that another configuration needs.
struct Prepared {
    pools: pools::Next,
    gates: Gates,
    stays: Stays,
    limits: Arc<limits::Kept>,
    /// What runs for the limits that are new.
    background: Background,
    surface: Surface,
    named: Vec<NamedPool>,
    #[cfg(feature = "tls")]
    terminators: tls::Prepared,
    listeners: Option<Change>,
    logs: Turned,
}

impl State {
    /// The state of a gateway that doesn't serve yet.
    pub(super) fn new(config: Arc<Config>, gates: Gates, logs: Logs, outside: Outside) -> Self {
        let (mut pools, mounts) = (Pools::default(), Mounts::default());
        let sources = Sources::new(&config.dns);
        let next = pools.prepare(&config, &config.limits, &outside.tunnels, &sources);
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
        prepared.pools.find().await;
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

    fn prepare(&self, config: &Config) -> Result<Prepared, ApplyError> {
        if let Some(key) = self.unchangeable(config) {
            return Err(ApplyError::needs_restart(key, config));
        }
        if let Some(prefix) = self.mounts.taken_by(config) {
            return Err(ApplyError::Taken { prefix: prefix.to_owned() });
        }
        ApplyError::if_exposed(config)?;
        let listeners = self.listeners(config)?;
        let (limits, tunnels) = (&self.config.limits, &self.outside.tunnels);
        let pools = self.pools.prepare(config, limits, tunnels, &self.sources);
        let gates = Gates::of(config, &self.gates)?;
        let stays = Stays::of(config, &self.stays, &self.outside.tunnels);
        let (limits, background) = limits::Kept::of(config, &self.limits);
        let limits = Arc::new(limits);
        let logs = self.logs.prepare(&self.config.log, &config.log);
        let logs = logs.map_err(|error| ApplyError::log(error, config))?;
        let (surface, named) = {
            let (pools, queue) = (self.pools.after(&pools, config), self.logs.queue_after(&logs));
            let Self { mounts, outside, .. } = self;
            let (gates, stays, limits, purpose) = (&gates, &stays, &limits, Purpose::Serving);
            let parts = Parts { config, pools, gates, stays, limits, mounts, outside, purpose, queue };
            (parts.surface(), parts.named())
        };
        Ok(Prepared {
            pools,
            gates,
            stays,
            limits,
            background,
            surface,
            named,
            listeners,
            logs,
            #[cfg(feature = "tls")]
            terminators: self.outside.terminators.prepare(&config.listen),
        })
    }

    /// The first key that can't change while the gateway runs, and is another one.
    fn unchangeable(&self, after: &Config) -> Option<&'static str> {
        fn admin(config: &Config) -> Option<&Address> {
            config.admin.as_ref().map(|admin| &admin.listen)
        }
        let before = &self.config;
        let fixed = [
            ("workers", before.workers == after.workers),
            ("traces", before.traces == after.traces),
            ("admin", admin(before) == admin(after)),
            ("log.format", !self.logs.are_bound_to(&before.log, &after.log)),
        ];
        fixed.into_iter().find(|(_, is_same)| !is_same).map(|(key, _)| key)
    }

    /// Opens the listeners that are new, if the list is another one.
    fn listeners(&self, config: &Config) -> Result<Option<Change>, ApplyError> {
        let (before, after) = (&self.config.listen, &config.listen);
        let is_same =
            before.len() == after.len() && before.iter().zip(after).all(|(one, two)| one.serves_as(two));
        if is_same {
            return Ok(None);
        }
        if self.outside.shutdown.is_announced() {
            return Err(ApplyError::Stopped);
        }
        let listeners = self.serving.as_ref().and_then(|serving| serving.listeners.as_ref());
        let listeners = listeners.ok_or_else(|| ApplyError::needs_restart("listen", config))?;
        listeners.prepare(&config.listen).map(Some).map_err(|error| ApplyError::listen(error, config))
    }

    /// From now on, a change of the listeners is possible.
    pub(super) fn listens_with(&mut self, listeners: ListenerSet) {
        if let Some(serving) = &mut self.serving {
            // The gateway serves once.
            let _ = self.outside.listeners.set(listeners.clone());
            serving.listeners = Some(listeners);
        }
    }

    /// This can't fail.
    fn commit(&mut self, config: Arc<Config>, prepared: Prepared) {
        let Prepared { pools, gates, stays, limits, background, surface, named, listeners, logs, .. } =
            prepared;
        self.logs.commit(logs);
        #[cfg(feature = "tls")]
        self.outside.terminators.commit(prepared.terminators);
        self.sources.look_up_by(&config.dns);
        if let Some(serving) = &self.serving {
            (serving.publish)(surface);
            if let (Some(listeners), Some(change)) = (&serving.listeners, listeners) {
                listeners.commit(change, config.timeouts.drain);
            }
        }
        self.outside.roster.store(Arc::new(named));
        let room_changed = self.outside.terms.change(&config);
        let tunnels = self.pools.commit(pools, &config);
        let before = std::mem::replace(&mut self.stays, stays);
        let departed = Departed { routes: before.left_by(&self.stays), tunnels };
        if let Some(serving) = &mut self.serving {
            self.pools.start_tasks(&serving.ground);
            #[cfg(feature = "jwt")]
            gates.guards().start_tasks(&serving.ground);
            serving.see_off(departed, config.timeouts.drain);
            serving.ground.run_in(&mut serving.tasks, room_changed);
            serving.ground.run_all_in(&mut serving.tasks, background);
        } else {
            self.reading.add_all(background);
        }
        self.outside.limits.turn_to(&limits);
        self.limits = limits;
        self.gates = gates;
        self.config = config;
        self.show();
    }

    /// Shows onlookers what runs.
    fn show(&self) {
        self.outside.scenes.store(Arc::new(Scene {
            config: Arc::clone(&self.config),
            gate: self.gates.operator().cloned(),
            is_serving: self.serving.is_some(),
        }));
    }

    /// Makes the first generation that serves, and starts the background tasks. They run on this ground. Before that it
    /// looks for upstreams, for up to 5 s.
    pub(super) async fn start(&mut self, ground: Ground) -> Current<impl Stack + use<>> {
        self.pools.find().await;
        let surface = {
            let nothing_new = pools::Next::default();
            let (pools, queue) = (self.pools.after(&nothing_new, &self.config), self.logs.queue());
            let Self { config, gates, stays, limits, mounts, outside, .. } = &*self;
            let purpose = Purpose::Serving;
            Parts { config, pools, gates, stays, limits, mounts, outside, purpose, queue }.surface()
        };
        self.pools.start_tasks(&ground);
        #[cfg(feature = "jwt")]
        self.gates.guards().start_tasks(&ground);
        let current = Arc::new(ArcSwap::from_pointee(surface.into_generation()));
        let publish = {
            let current = Arc::clone(&current);
            move |surface: Surface| current.store(Arc::new(surface.into_generation()))
        };
        let mut running = std::mem::take(&mut self.reading);
        running.add(watch(Arc::clone(&self.outside.roster)));
        running.add(self.outside.observed.sampling());
        running.add(measure(Arc::clone(&self.outside.roster), self.outside.paces.clone()));
        #[cfg(feature = "tls")]
        running.add_all(self.outside.terminators.looking_after());
        let tasks = ground.run(running);
        self.serving = Some(Serving { ground, publish: Box::new(publish), listeners: None, tasks });
        self.show();
        current
    }
}

impl fmt::Debug for Serving {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Serving")
            .field("ground", &self.ground)
            .field("tasks", &self.tasks)
            .finish_non_exhaustive()
    }
}
