//! What tokio says of the runtimes of the workers.

use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwap;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::DescriptorEncoder;
use tokio::runtime::{Handle, RuntimeMetrics};

use super::family::Family;

static BUSY: Family = Family::counter(
    "gateway_worker_busy",
    &["worker"],
    "Time in which the thread of the worker ran tasks. Its rate is the share of the time in which it was busy.",
)
.in_seconds();
static PARKED: Family =
    Family::counter("gateway_worker_parks", &["worker"], "How often the thread waited for events.");
static TASKS: Family = Family::gauge("gateway_runtime_tasks", &["runtime"], "Tasks that have not ended.");
static QUEUED: Family = Family::gauge(
    "gateway_runtime_queue_depth",
    &["runtime"],
    "Tasks that were woken from outside of the runtime, and wait for a thread.",
);

/// The runtimes in which the gateway serves.
#[derive(Debug, Default)]
pub(crate) struct Runtimes(ArcSwap<Vec<RuntimeMetrics>>);

impl Runtimes {
    /// From now on, these are the runtimes.
    pub(crate) fn are(&self, runtimes: &[Handle]) {
        self.0.store(Arc::new(runtimes.iter().map(Handle::metrics).collect()));
    }
}

impl Collector for Runtimes {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let runtimes = self.0.load();
        // Workers are numbered through all runtimes: usually there is one in each.
        let threads =
            || runtimes.iter().flat_map(|runtime| (0..runtime.num_workers()).map(move |at| (runtime, at)));
        let mut values = BUSY.begin(&mut encoder)?;
        for (worker, (runtime, at)) in threads().enumerate() {
            values.counter(&[&worker.to_string()], runtime.worker_total_busy_duration(at).as_secs_f64())?;
        }
        let mut values = PARKED.begin(&mut encoder)?;
        for (worker, (runtime, at)) in threads().enumerate() {
            values.counter(&[&worker.to_string()], runtime.worker_park_count(at))?;
        }
        let mut values = TASKS.begin(&mut encoder)?;
        for (number, runtime) in runtimes.iter().enumerate() {
            values.gauge(&[&number.to_string()], runtime.num_alive_tasks())?;
        }
        let mut values = QUEUED.begin(&mut encoder)?;
        for (number, runtime) in runtimes.iter().enumerate() {
            values.gauge(&[&number.to_string()], runtime.global_queue_depth())?;
        }
        Ok(())
    }
}
