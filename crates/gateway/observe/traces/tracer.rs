//! Continues or begins a trace for each request.

use std::fmt;
use std::sync::Arc;

use axum::http::{HeaderMap, HeaderName};
use uuid::{NoContext, Timestamp, Uuid};

use super::context::{Caller, Trace};
#[cfg(feature = "otel")]
use super::exporter::Exporter;
use crate::config::Traces;
use crate::observe::request::Finished;

static TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
static TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// Continues or begins a trace for each request, and hears of its end. Clones share the way to the collector.
#[derive(Clone)]
pub(crate) struct Tracer(Arc<Rules>);

struct Rules {
    /// A trace is sampled if the lower 56 bits of its id are less than this.
    below: u64,
    trusts_all: bool,
    #[cfg(feature = "otel")]
    exporter: Option<Exporter>,
}

/// Those bits of an id are random.
const RANDOM_BITS: u32 = 56;

impl Tracer {
    pub(crate) fn new(traces: &Traces) -> Self {
        let below = (traces.sample * (1_u64 << RANDOM_BITS) as f64) as u64;
        Self(Arc::new(Rules {
            below,
            trusts_all: traces.trust,
            #[cfg(feature = "otel")]
            exporter: traces.otlp.as_ref().map(|collector| Exporter::new(collector, traces)),
        }))
    }

    /// Gives a request its part in a trace. `is_trusted` says whether a trusted proxy sent it: anybody else's context is
    /// replaced.
    pub(crate) fn begin(&self, headers: &mut HeaderMap, origin: Origin) -> Trace {
        let is_trusted = self.0.trusts_all || origin == Origin::TrustedProxy;
        let caller = is_trusted.then(|| caller(headers)).flatten();
        let (id, seed) = (random(), random() as u64);
        let id = caller.map_or(id, |caller| caller.trace);
        let is_drawn = (id as u64) & ((1 << RANDOM_BITS) - 1) < self.0.below;
        let is_sampled = is_drawn || caller.is_some_and(|caller| caller.is_sampled);
        let trace = Trace { id, parent: caller.map(|caller| caller.span), seed, is_sampled };
        if caller.is_none() {
            headers.remove(&TRACESTATE);
        }
        headers.insert(&TRACEPARENT, trace.header());
        trace
    }

    /// A request has ended.
    pub(in crate::observe) fn hear(&self, finished: &Finished<'_>) {
        let sampled = finished.asked.trace.as_deref().filter(|trace| trace.is_sampled);
        #[cfg(feature = "otel")]
        if let (Some(trace), Some(exporter)) = (sampled, &self.0.exporter) {
            exporter.offer(finished, trace);
        }
        #[cfg(not(feature = "otel"))]
        let _nobody_hears_of_it = (self, sampled);
    }

    /// Sends spans to the collector, until [`flush`](Self::flush). Only the first call does anything.
    pub(crate) fn start(&self) {
        #[cfg(feature = "otel")]
        if let Some(exporter) = &self.0.exporter {
            exporter.start();
        }
    }

    /// Sends what is left, and waits for that for up to 2 s. Spans that come later are lost.
    pub(crate) async fn flush(&self) {
        #[cfg(feature = "otel")]
        if let Some(exporter) = &self.0.exporter {
            exporter.flush().await;
        }
    }
}

/// 62 random bits below a time, without a lock.
fn random() -> u128 {
    Uuid::new_v7(Timestamp::now(NoContext)).as_u128()
}

/// Whom a request comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    TrustedProxy,
    Anybody,
}

/// The caller's context. There is none if `traceparent` is there twice (§3.2.3).
fn caller(headers: &HeaderMap) -> Option<Caller> {
    let mut lines = headers.get_all(&TRACEPARENT).iter();
    let first = lines.next()?;
    if lines.next().is_some() { None } else { Caller::read(first.as_bytes()) }
}

impl fmt::Debug for Tracer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tracer").field("below", &self.0.below).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const THEIRS: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    fn tracer(sample: f64, trust: bool) -> Tracer {
        let (service, headers) = (String::new(), Vec::new());
        Tracer::new(&Traces { otlp: None, sample, trust, service, headers })
    }

    fn begun(tracer: &Tracer, lines: &[&'static str], origin: Origin) -> (Trace, HeaderMap) {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(&TRACEPARENT, line.parse().unwrap());
        }
        headers.insert(&TRACESTATE, "vendor=1".parse().unwrap());
        let trace = tracer.begin(&mut headers, origin);
        assert_eq!(headers.get_all(&TRACEPARENT).iter().count(), 1);
        assert_eq!(headers[&TRACEPARENT], trace.header());
        (trace, headers)
    }

    #[test]
    fn a_strangers_context_is_replaced_and_a_proxys_continued() {
        let theirs = 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736;
        for (trust, origin, continues) in [
            (false, Origin::Anybody, false),
            (false, Origin::TrustedProxy, true),
            (true, Origin::Anybody, true),
        ] {
            let (trace, headers) = begun(&tracer(0.0, trust), &[THEIRS], origin);
            assert_eq!(trace.id == theirs, continues);
            assert_eq!(trace.parent, continues.then_some(0x00f0_67aa_0ba9_02b7));
            assert_eq!(trace.is_sampled, continues, "by the caller's flag alone");
            assert_eq!(headers.contains_key(&TRACESTATE), continues);
        }
        let (twice, _) = begun(&tracer(0.0, true), &[THEIRS, THEIRS], Origin::Anybody);
        assert_eq!(twice.parent, None);
    }

    #[test]
    fn as_many_are_sampled_as_the_share_says() {
        for (share, least, most) in [(0.0, 0, 0), (1.0, 2_000, 2_000), (0.25, 380, 620)] {
            let tracer = tracer(share, false);
            let sampled = (0..2_000).filter(|_| begun(&tracer, &[], Origin::Anybody).0.is_sampled).count();
            assert!((least..=most).contains(&sampled), "{share}: {sampled}");
        }
    }
}
