//! `Handle`: by it a program changes the configuration of a gateway that serves.

use std::convert::Infallible;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use axum::body::Body;
use axum::http::Request;
use axum::response::IntoResponse;
use futures_core::Stream;
use proxy_service::Tunnels;
use tokio::sync::Mutex;
use tokio::task::spawn_blocking;
use tower::Service;

use super::applied::Applied;
use super::error::ApplyError;
use super::generation::Current;
use super::scene::Scene;
use super::state::State;
use super::status::Status;
use super::surface::Outside;
use super::terms::Terms;
use crate::background::Ground;
use crate::config::{Address, Config, Listen};
use crate::discovery::Found;
use crate::edge::Stack;
use crate::gates::Gates;
use crate::observe::log::{Log, Logs};
use crate::observe::metrics::Exposition;
use crate::observe::{Observed, Tracer};
use crate::pools::{NamedPool, Paces};
use crate::serve::{ListenerSet, Shutdown};
#[cfg(feature = "tls")]
use crate::tls::{Facts, Terminators};

/// Changes the configuration of a gateway, and says which one runs. Clones are handles of the same gateway.
///
/// [`Gateway::handle`](crate::Gateway::handle) makes one. It can be used from any thread, before the gateway serves and
/// while it does.
#[derive(Clone, Debug)]
pub struct Handle {
    /// Held while a configuration is applied, so that one is at a time. Requests never take it.
    state: Arc<Mutex<State>>,
    outside: Outside,
}

impl Handle {
    pub(crate) fn new(config: Config, tunnels: Tunnels, shutdown: Shutdown) -> Result<Self, ApplyError> {
        ApplyError::if_exposed(&config)?;
        let config = Arc::new(config);
        let gates = Gates::of(&config, &Gates::default())?;
        let outside = Outside::of(&config, &gates, (tunnels, shutdown));
        let logs = Logs::of(&config.log).map_err(|error| ApplyError::log(error, &config))?;
        let state = State::new(config, gates, logs, outside.clone());
        Ok(Self { state: Arc::new(Mutex::new(state)), outside })
    }

    /// Puts a configuration in place of the one that runs, without closing a connection or failing a request. The log
    /// says what changed, or why it was refused.
    ///
    /// Each request goes through the configuration that ran when its head was read, to its end. The next request on the
    /// same connection goes through the new one. What didn't change is kept: a pool whose configuration is the same
    /// keeps its connections, health and counters.
    ///
    /// If this future is dropped before it is ready, nothing has changed.
    ///
    /// # Errors
    /// [`ApplyError`], and then nothing has changed.
    pub async fn apply(&self, config: Config) -> Result<Applied, ApplyError> {
        let mut state = self.state.lock().await;
        let applied = state.apply(config).await;
        match &applied {
            Ok(applied) if applied.is_empty() => tracing::debug!(target: LOG, "{applied}"),
            Ok(applied) => tracing::info!(target: LOG, "{applied}"),
            Err(error) => {
                tracing::error!(target: LOG, "refused: {error}");
                self.note_refusal(&error.to_string());
            }
        }
        applied
    }

    /// Notes that a configuration was refused.
    pub(super) fn note_refusal(&self, why: &str) {
        self.outside.statuses.rcu(|status| status.refusing(why));
    }

    /// The files that the configuration which runs was read from, beside its own.
    pub(super) async fn files(&self) -> Vec<PathBuf> {
        self.state.lock().await.files()
    }

    /// Which generation runs.
    #[must_use]
    pub fn status(&self) -> Status {
        Status::clone(&self.outside.statuses.load())
    }

    /// The configuration that runs, without waiting for one that is being applied.
    pub(crate) fn scene(&self) -> Arc<Scene> {
        self.outside.scenes.load_full()
    }

    /// The pools that run, in the order of the configuration.
    pub(crate) fn pools(&self) -> Arc<Vec<NamedPool>> {
        self.outside.roster.load_full()
    }

    /// How many requests a second the endpoints get.
    pub(crate) fn paces(&self) -> &Paces {
        &self.outside.paces
    }

    /// When the gateway was made.
    pub(crate) fn began(&self) -> SystemTime {
        self.outside.began
    }

    /// How far the gateway's shutdown is.
    pub(crate) fn shutdown(&self) -> &Shutdown {
        &self.outside.shutdown
    }

    /// Where clients connect to, with real ports and resolved names. Empty if the sockets were opened elsewhere.
    pub(crate) fn places(&self) -> Vec<(Listen, Address)> {
        self.outside.listeners.get().map(ListenerSet::places).unwrap_or_default()
    }

    /// How the listeners speak TLS now, without waiting.
    #[cfg(feature = "tls")]
    pub(crate) fn certificates(&self) -> Vec<(Address, Facts)> {
        self.outside.terminators.facts()
    }

    /// All metrics as they are now, for a scraper that reads this format. The page docs/metrics.md lists them.
    #[must_use]
    pub fn metrics(&self, exposition: Exposition) -> String {
        self.outside.observed.metrics(exposition)
    }

    /// What is counted and kept of the requests, whichever generation they go through.
    pub(crate) fn observed(&self) -> &Observed {
        &self.outside.observed
    }

    /// The terms on which listeners serve, whichever generation runs.
    pub(crate) fn terms(&self) -> &Terms {
        &self.outside.terms
    }

    /// Adds a service of the program's own to this generation and all that follow.
    ///
    /// # Panics
    /// If the prefix is `/`, or is taken; or if a configuration is applied at the same time.
    pub(crate) fn mount<S>(&self, prefix: &str, service: S)
    where
        S: Service<Request<Body>, Response: IntoResponse, Error = Infallible, Future: Send>,
        S: Clone + Send + Sync + 'static,
    {
        let mut state = self.state.try_lock().expect("services are added before a configuration is applied");
        state.mount(prefix, service);
    }

    /// Takes the upstreams of a pool from a source of the program's own.
    ///
    /// # Panics
    /// If there is no such pool; or if a configuration is applied at the same time.
    pub(crate) fn take_from<S>(&self, sets: S, pool: &str)
    where
        S: Stream<Item: IntoIterator<Item: Into<Found>>> + Send + 'static,
    {
        let mut state = self.state.try_lock().expect("sources are added before a configuration is applied");
        state.take_from(sets, pool);
    }

    /// Opens the files that the log is written to anew, after they were renamed: those of the gateway's lines for requests,
    /// and that of the process's log if the gateway was [told](crate::Gateway::logging) of it. No line is lost, or
    /// written twice. The log says if one can't be opened; then it stays as it is.
    pub async fn reopen_logs(&self) {
        self.state.lock().await.reopen_logs();
    }

    /// Takes care of the log of the process.
    ///
    /// # Panics
    /// If a configuration is applied at the same time.
    pub(crate) fn attend_to(&self, log: &Log) {
        let mut state = self.state.try_lock().expect("the log is told before a configuration is applied");
        state.attend_to(log);
    }

    /// Waits until the lines for requests are written, for at most a second.
    pub(crate) async fn lines_are_written(&self) {
        let lines = self.state.lock().await.take_lines();
        if let Some(lines) = lines {
            let _stopping = spawn_blocking(move || lines.finish()).await;
        }
    }

    /// How the listeners speak TLS.
    #[cfg(feature = "tls")]
    pub(crate) async fn terminators(&self) -> Terminators {
        self.state.lock().await.terminators()
    }

    pub(crate) fn tracer(&self) -> Option<Tracer> {
        self.outside.tracer.clone()
    }

    /// From now on, a change of the listeners is possible.
    pub(crate) async fn listens_with(&self, listeners: ListenerSet) {
        self.state.lock().await.listens_with(listeners);
    }

    /// Begins to serve on this ground. Returns the pointer to the generation that is current.
    pub(crate) async fn start(&self, ground: Ground) -> Current<impl Stack + use<>> {
        self.state.lock().await.start(ground).await
    }
}

/// The target of what the log says of configurations.
pub(super) const LOG: &str = "gateway::live";

#[cfg(test)]
mod tests;
