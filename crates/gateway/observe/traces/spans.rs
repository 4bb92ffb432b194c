//! The spans of a request that has ended.

use std::time::{Duration, SystemTime};

use opentelemetry::trace::{SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};

use super::context::{Part, Trace};
use crate::observe::request::Finished;

/// The spans of a request, each with its attributes by OpenTelemetry's conventions for HTTP.
pub(super) fn of(finished: &Finished<'_>, trace: &Trace) -> Vec<SpanData> {
    let ended = SystemTime::now();
    let began = ended.checked_sub(finished.stages.total).unwrap_or(ended);
    let maker = Maker { trace, began };
    let mut spans = vec![server(finished, &maker)];
    let Some(upstream) = finished.upstream else { return spans };
    let stages = upstream.stages();
    // The end is the only moment that both clocks are read at.
    let before = finished.stages.total.saturating_sub(stages.began().elapsed());
    let first_byte = finished.stages.first_byte.unwrap_or(finished.stages.total);
    let head = stages.head().map_or(first_byte, |head| before + head);
    spans.push(maker.span(Part::Pick, "pick", Duration::ZERO..before, SpanKind::Internal));
    spans.push(attempt(finished, &maker, before..head));
    if let Some(connect) = stages.connect() {
        let mut span = maker.span(Part::Connect, "connect", before..before + connect, SpanKind::Internal);
        span.parent_span_id = id(trace, Part::Attempt);
        spans.push(span);
    }
    if stages.head().is_some() {
        let mut span = maker.span(Part::Body, "body", head..finished.stages.total, SpanKind::Internal);
        span.attributes.push(KeyValue::new("http.response.body.size", number(finished.bytes_out)));
        spans.push(span);
    }
    spans
}

fn server(finished: &Finished<'_>, maker: &Maker<'_>) -> SpanData {
    let asked = finished.asked;
    let method = asked.method.as_ref().map_or("HTTP", |method| method.as_str()).to_owned();
    let route = finished.route.map(|route| route.name().to_owned());
    let name = route.as_ref().map_or_else(|| method.clone(), |route| format!("{method} {route}"));
    let mut span = maker.span(Part::Server, "", Duration::ZERO..finished.stages.total, SpanKind::Server);
    span.name = name.into();
    span.parent_span_id = maker.trace.parent.map_or(SpanId::INVALID, SpanId::from);
    span.parent_span_is_remote = maker.trace.parent.is_some();
    let status = i64::from(finished.status.as_u16());
    span.attributes = vec![
        KeyValue::new("http.request.method", method),
        KeyValue::new("http.response.status_code", status),
        KeyValue::new("http.request.body.size", number(finished.bytes_in)),
        KeyValue::new("http.response.body.size", number(finished.bytes_out)),
        KeyValue::new("gateway.ended", finished.ended.as_str()),
    ];
    let texts = [
        ("http.route", route),
        ("url.path", asked.uri.as_ref().map(|uri| uri.path().to_owned())),
        ("client.address", asked.client.map(|client| client.to_string())),
        ("http.request.header.x-request-id", finished.id().map(str::to_owned)),
        ("error.type", finished.error().map(str::to_owned)),
    ];
    let texts = texts.into_iter().filter_map(|(name, text)| Some(KeyValue::new(name, text?)));
    span.attributes.extend(texts);
    if status >= 500 {
        span.status = Status::error(finished.error().unwrap_or_default());
    }
    span
}

fn attempt(finished: &Finished<'_>, maker: &Maker<'_>, time: std::ops::Range<Duration>) -> SpanData {
    let mut span = maker.span(Part::Attempt, "upstream", time, SpanKind::Client);
    if let Some(upstream) = finished.upstream {
        span.attributes.push(KeyValue::new("server.address", upstream.target().to_string()));
    }
    let resent = number(finished.tries.saturating_sub(1).into());
    span.attributes.push(KeyValue::new("http.request.resend_count", resent));
    if let Some(error) = finished.error() {
        span.attributes.push(KeyValue::new("error.type", error));
        span.status = Status::error(error);
    }
    span
}

/// Makes the spans of one request.
struct Maker<'a> {
    trace: &'a Trace,
    began: SystemTime,
}

impl Maker<'_> {
    /// A child of the server's span. `time` counts from the beginning of the request.
    fn span(
        &self,
        part: Part,
        name: &'static str,
        time: std::ops::Range<Duration>,
        kind: SpanKind,
    ) -> SpanData {
        let trace_id = TraceId::from(self.trace.id);
        let (flags, state) = (TraceFlags::SAMPLED, TraceState::default());
        SpanData {
            span_context: SpanContext::new(trace_id, id(self.trace, part), flags, false, state),
            parent_span_id: id(self.trace, Part::Server),
            parent_span_is_remote: false,
            span_kind: kind,
            name: name.into(),
            start_time: self.began + time.start,
            end_time: self.began + time.end.max(time.start),
            attributes: Vec::new(),
            dropped_attributes_count: 0,
            events: SpanEvents::default(),
            links: SpanLinks::default(),
            status: Status::Unset,
            instrumentation_scope: InstrumentationScope::builder("gateway").build(),
        }
    }
}

fn id(trace: &Trace, part: Part) -> SpanId {
    SpanId::from(trace.span(part))
}

fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
