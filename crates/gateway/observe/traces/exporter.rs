//! The way of spans to the collector: a bounded queue, and a task that sends what is in it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crossbeam_utils::atomic::AtomicCell;
use opentelemetry_otlp::{SpanExporter as Otlp, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SpanData, SpanExporter as _};
use proxy_service::Target;
use tokio::sync::{Notify, mpsc};
use tokio::time::{sleep, timeout};

use super::context::Trace;
use super::requests::Requests;
use super::spans;
use crate::config::Traces;
use crate::observe::request::Finished;

/// How many requests' spans wait at most. Those of further ones are dropped and counted.
const QUEUE: usize = 1024;
/// How many requests' spans are sent at once.
const BATCH: usize = 256;
/// How long spans wait for others.
const LINGER: Duration = Duration::from_millis(500);
/// How long the collector may take for a batch. Then it is dropped.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a shutdown waits for what is left.
const LAST_PATIENCE: Duration = Duration::from_secs(2);

/// Takes spans from requests, which never wait for it.
pub(super) struct Exporter {
    queue: mpsc::Sender<Vec<SpanData>>,
    /// Taken by the task.
    sending: AtomicCell<Option<Box<Sending>>>,
    dropped: Arc<AtomicU64>,
    closing: Arc<Closing>,
}

#[derive(Default)]
struct Closing {
    begun: Notify,
    done: Notify,
}

/// The task's end of the queue.
struct Sending {
    queue: mpsc::Receiver<Vec<SpanData>>,
    otlp: Otlp,
    dropped: Arc<AtomicU64>,
    closing: Arc<Closing>,
    told: u64,
}

impl Exporter {
    pub(super) fn new(collector: &Target, traces: &Traces) -> Self {
        let (queue, received) = mpsc::channel(QUEUE);
        let (dropped, closing) = <(Arc<AtomicU64>, Arc<Closing>)>::default();
        let url = format!("{}/v1/traces", collector.to_string().trim_end_matches('/'));
        let otlp = Otlp::builder()
            .with_http()
            .with_http_client(Requests::new(collector, traces.headers.clone()))
            .with_endpoint(url)
            .with_timeout(PATIENCE)
            .build();
        let sending = otlp.map(|mut otlp| {
            otlp.set_resource(&Resource::builder().with_service_name(traces.service.clone()).build());
            let (dropped, closing) = (dropped.clone(), closing.clone());
            Box::new(Sending { queue: received, otlp, dropped, closing, told: 0 })
        });
        let sending = sending.inspect_err(
            |error| tracing::error!(target: "gateway::traces", %error, "no traces are exported"),
        );
        Self { queue, sending: AtomicCell::new(sending.ok()), dropped, closing }
    }

    /// Takes the spans of a request, if there is room.
    pub(super) fn offer(&self, finished: &Finished<'_>, trace: &Trace) {
        match self.queue.try_reserve() {
            Ok(place) => place.send(spans::of(finished, trace)),
            Err(_) => {
                self.dropped.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    pub(super) fn start(&self) {
        if let Some(sending) = self.sending.take() {
            tokio::spawn(sending.run());
        }
    }

    pub(super) async fn flush(&self) {
        if self.queue.is_closed() {
            return;
        }
        let done = self.closing.done.notified();
        self.closing.begun.notify_one();
        let _what_is_left_then_is_lost = timeout(LAST_PATIENCE, done).await;
    }
}

/// Whether there may be more spans.
enum Turn {
    GoesOn,
    Ends,
}

impl Sending {
    async fn run(mut self: Box<Self>) {
        loop {
            let mut batch = Vec::new();
            let turn = self.collect(&mut batch).await;
            self.send(batch).await;
            if let Turn::Ends = turn
                && self.queue.is_empty()
            {
                self.closing.done.notify_one();
                return;
            }
        }
    }

    /// Waits for spans, and for a while for more of them.
    async fn collect(&mut self, batch: &mut Vec<Vec<SpanData>>) -> Turn {
        let Self { queue, closing, .. } = self;
        tokio::select! {
            received = queue.recv_many(batch, BATCH) => {
                if received == 0 {
                    return Turn::Ends;
                }
            }
            () = closing.begun.notified() => queue.close(),
        }
        tokio::select! {
            () = sleep(LINGER), if !queue.is_closed() => {}
            () = closing.begun.notified(), if !queue.is_closed() => queue.close(),
            else => {}
        }
        while batch.len() < BATCH
            && let Ok(spans) = queue.try_recv()
        {
            batch.push(spans);
        }
        if queue.is_closed() { Turn::Ends } else { Turn::GoesOn }
    }

    async fn send(&mut self, batch: Vec<Vec<SpanData>>) {
        let requests = batch.len() as u64;
        let spans: Vec<SpanData> = batch.into_iter().flatten().collect();
        if !spans.is_empty()
            && let Err(error) = self.otlp.export(spans).await
        {
            self.dropped.fetch_add(requests, Ordering::Relaxed);
            tracing::warn!(target: "gateway::traces", %error, "spans were not exported");
        }
        let dropped = self.dropped.load(Ordering::Relaxed);
        if dropped > self.told {
            let since = dropped - self.told;
            tracing::warn!(target: "gateway::traces", requests = since, "spans of requests were dropped");
            self.told = dropped;
        }
    }
}
