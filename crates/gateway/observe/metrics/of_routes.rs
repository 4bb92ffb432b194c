//! The routes' meters: finds them, and writes what they have counted.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Weak};

use arc_swap::ArcSwap;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::DescriptorEncoder;

use super::family::{Family, Of};
use super::route::{Counted, RouteMeter};

/// The name under which requests are counted that no route took.
const NONE: &str = "none";

static REQUESTS: Family =
    Family::counter("gateway_requests", &["route", "method", "code"], "Requests that have ended.");
static ERRORS: Family = Family::counter(
    "gateway_request_errors",
    &["route", "error"],
    "Requests that ended with an error of the gateway's own, by its name in RFC 9209 or that of the broken rule.",
);
static MIRRORED: Family = Family::counter(
    "gateway_mirrored_requests",
    &["route", "result"],
    "Requests that were chosen for a mirror, by what became of the copy.",
);
static FAILED: Family = Family::counter(
    "gateway_requests_failed",
    &["route"],
    "Requests that were answered with a 5xx, or whose answer broke off through no fault of the client.",
);
static IN_FLIGHT: Family =
    Family::gauge("gateway_requests_in_flight", &["route"], "Requests that have not ended.");
static TOTAL: Family = Family::durations(
    "gateway_request_duration",
    &["route"],
    "From the head of a request to the end of its answer.",
);
static HEAD: Family = Family::durations(
    "gateway_request_time_to_head",
    &["route"],
    "From the head of a request to the head of its answer.",
);
static RECEIVED: Family =
    Family::counter("gateway_request_body", &["route"], "Bytes of requests' bodies.").in_bytes();
static SENT: Family = Family::counter(
    "gateway_response_body",
    &["route"],
    "Bytes of answers' bodies, as they were sent to clients.",
)
.in_bytes();

/// The meters of the routes that there are.
#[derive(Debug)]
pub(crate) struct Routes {
    threads: usize,
    /// A route that is gone takes its meter with it, when its last request has ended.
    live: ArcSwap<Vec<Weak<RouteMeter>>>,
    none: Arc<RouteMeter>,
}

impl Routes {
    /// For routes that so many threads serve.
    pub(crate) fn for_threads(threads: usize) -> Self {
        let none = Arc::new(RouteMeter::new(NONE, threads));
        Self { threads, live: ArcSwap::default(), none }
    }

    /// The meters of routes by their names: those that there are, or else new ones.
    pub(crate) fn meters<'n>(
        &self,
        names: impl Iterator<Item = &'n str> + Clone,
    ) -> BTreeMap<&'n str, Arc<RouteMeter>> {
        let mut meters = BTreeMap::new();
        self.live.rcu(|live| {
            let live: Vec<_> = live.iter().filter_map(Weak::upgrade).collect();
            let known: BTreeMap<&str, &Arc<RouteMeter>> =
                live.iter().map(|meter| (meter.name(), meter)).collect();
            let meter = |name| match known.get(name) {
                Some(known) => Arc::clone(known),
                None => Arc::new(RouteMeter::new(name, self.threads)),
            };
            meters = names.clone().map(|name| (name, meter(name))).collect();
            let new = meters.iter().filter(|(name, _)| !known.contains_key(*name)).map(|(_, meter)| meter);
            live.iter().chain(new).map(Arc::downgrade).collect::<Vec<_>>()
        });
        meters
    }

    /// The meter of requests that no route took.
    pub(crate) fn none(&self) -> &RouteMeter {
        &self.none
    }

    /// All meters: those of the routes, and that of requests without a route.
    pub(crate) fn all(&self) -> Vec<Arc<RouteMeter>> {
        let live = self.live.load();
        live.iter().filter_map(Weak::upgrade).chain([Arc::clone(&self.none)]).collect()
    }
}

impl Collector for Routes {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let all: Vec<(Arc<RouteMeter>, Counted)> = self
            .all()
            .into_iter()
            .map(|meter| {
                let counted = meter.counted();
                (meter, counted)
            })
            .collect();
        let mut values = REQUESTS.begin(&mut encoder)?;
        for (meter, _) in &all {
            for (method, status, count) in meter.requests() {
                values.counter(&[meter.name(), method, status], count)?;
            }
        }
        let mut values = ERRORS.begin(&mut encoder)?;
        for (meter, _) in &all {
            meter.errors().try_for_each(|(error, count)| values.counter(&[meter.name(), error], count))?;
        }
        let mut values = MIRRORED.begin(&mut encoder)?;
        for (meter, _) in &all {
            meter
                .mirrored()
                .try_for_each(|(result, count)| values.counter(&[meter.name(), result], count))?;
        }
        let mut values = IN_FLIGHT.begin(&mut encoder)?;
        all.iter().try_for_each(|(meter, counted)| values.gauge(&[meter.name()], counted.in_flight))?;
        let counters: [Of<Counted>; 3] = [
            (&FAILED, |counted| counted.failed),
            (&RECEIVED, |counted| counted.received),
            (&SENT, |counted| counted.sent),
        ];
        for (family, count) in counters {
            let mut values = family.begin(&mut encoder)?;
            all.iter().try_for_each(|(meter, counted)| values.counter(&[meter.name()], count(counted)))?;
        }
        let mut values = TOTAL.begin(&mut encoder)?;
        all.iter().try_for_each(|(meter, counted)| values.durations(&[meter.name()], &counted.total))?;
        let mut values = HEAD.begin(&mut encoder)?;
        all.iter().try_for_each(|(meter, counted)| values.durations(&[meter.name()], &counted.head))
    }
}
