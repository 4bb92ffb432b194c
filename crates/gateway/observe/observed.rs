//! `Observed`: the one handle to all that is counted and kept of a gateway's requests.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::failures::{Failure, Failures};
use super::history::{self, History};
use super::metrics::{
    Exposition, ListenerCounts, ListenerMeter, Listeners, Metrics, Outcome, RouteMeter, Routes, Runtimes,
};
use super::request::Finished;

/// What is counted and kept of a gateway's requests. It is made once for a gateway. Clones are the same.
#[derive(Clone, Debug)]
pub(crate) struct Observed(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    routes: Arc<Routes>,
    listeners: Arc<Listeners>,
    runtimes: Arc<Runtimes>,
    history: Arc<History>,
    failures: Failures,
    metrics: Metrics,
}

impl Default for Observed {
    /// For one thread, without what the rooms above know.
    fn default() -> Self {
        Self::new(1, |own| own)
    }
}

impl Observed {
    /// For a gateway that so many threads serve. `above` adds to the metrics what the rooms above know.
    pub(crate) fn new(threads: usize, above: impl FnOnce(Metrics) -> Metrics) -> Self {
        let routes = Arc::new(Routes::for_threads(threads));
        let (listeners, runtimes) = (Arc::<Listeners>::default(), Arc::<Runtimes>::default());
        let own =
            Metrics::new().with(Arc::clone(&routes)).with(Arc::clone(&listeners)).with(Arc::clone(&runtimes));
        let (history, failures, metrics) = (Arc::default(), Failures::default(), above(own));
        Self(Arc::new(Parts { routes, listeners, runtimes, history, failures, metrics }))
    }

    /// The meters of routes by their names. Requests are counted without a look at these.
    pub(crate) fn routes_named<'n>(
        &self,
        names: impl Iterator<Item = &'n str> + Clone,
    ) -> BTreeMap<&'n str, Arc<RouteMeter>> {
        self.0.routes.meters(names)
    }

    /// The meters of all routes, and that of requests without a route.
    pub(crate) fn routes(&self) -> Vec<Arc<RouteMeter>> {
        self.0.routes.all()
    }

    /// Notes a request that has ended.
    pub(super) fn note(&self, finished: &Finished<'_>) {
        let outcome = Outcome {
            method: finished.asked.method.as_ref(),
            status: finished.status,
            total: finished.stages.total,
            head: finished.stages.first_byte,
            received: finished.bytes_in,
            sent: finished.bytes_out,
            error: finished.error(),
            has_failed: finished.has_failed(),
        };
        match finished.route {
            Some(route) => route.end(&outcome),
            None => self.0.routes.none().count(&outcome),
        }
        if outcome.has_failed || finished.was_refused() {
            self.0.failures.add(Failure::of(finished));
        }
    }

    /// A new meter for a worker's socket of the listener at this address.
    pub(crate) fn listener(&self, address: &str) -> Arc<ListenerMeter> {
        self.0.listeners.meter(address)
    }

    /// What was counted at each listener.
    pub(crate) fn listeners(&self) -> impl Iterator<Item = (Arc<str>, ListenerCounts)> + use<> {
        self.0.listeners.counts().into_iter()
    }

    /// The gateway is served in these runtimes.
    pub(crate) fn runs_in(&self, runtimes: &[tokio::runtime::Handle]) {
        self.0.runtimes.are(runtimes);
    }

    /// The last 15 minutes.
    pub(crate) fn history(&self) -> &History {
        &self.0.history
    }

    /// Takes the samples of the last 15 minutes, for as long as it is polled.
    pub(crate) fn sampling(&self) -> impl Future<Output = ()> + Send + use<> {
        history::sampling(Arc::clone(&self.0.routes), Arc::clone(&self.0.history))
    }

    /// The last requests that failed.
    pub(crate) fn failures(&self) -> &Failures {
        &self.0.failures
    }

    /// All metrics, as they are now.
    pub(crate) fn metrics(&self, exposition: Exposition) -> String {
        self.0.metrics.text(exposition)
    }
}

#[cfg(test)]
mod tests;
