//! The spans of requests, as a collector gets them.

use std::collections::HashMap;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use prost::Message as _;

use super::THEIRS;
use crate::support::gateway::{TestGateway, one_pool};
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordedRequest, RecordingUpstream, Script};
use crate::support::relay::get;
use crate::support::unreachable::Refusing;

fn traces(collector: &RecordingUpstream, more: &str) -> String {
    format!("[traces]\notlp = \"{}\"\nservice = \"edge\"\n{more}", collector.url())
}

async fn collector() -> RecordingUpstream {
    RecordingUpstream::start(|_| Script::ok("")).await
}

/// The spans in a request to the collector, by their names.
fn spans_in(request: &RecordedRequest) -> HashMap<String, Span> {
    assert_eq!((&*request.method, &*request.target), ("POST", "/v1/traces"));
    assert_eq!(request.headers.one("content-type"), Some("application/x-protobuf"));
    let exported = ExportTraceServiceRequest::decode(&request.body.bytes[..]).unwrap();
    let [resource] = &exported.resource_spans[..] else { panic!("{exported:?}") };
    let attributes = &resource.resource.as_ref().unwrap().attributes;
    let service = attributes.iter().find(|attribute| attribute.key == "service.name").unwrap();
    assert_eq!(service.value.as_ref().unwrap().value, Some(Value::StringValue("edge".into())));
    let spans = resource.scope_spans.iter().flat_map(|scope| scope.spans.clone());
    spans.map(|span| (span.name.clone(), span)).collect()
}

fn text(span: &Span, key: &str) -> String {
    let attribute = span.attributes.iter().find(|attribute| attribute.key == key);
    match attribute.and_then(|attribute| attribute.value.as_ref()?.value.clone()) {
        Some(Value::StringValue(text)) => text,
        Some(Value::IntValue(number)) => number.to_string(),
        other => panic!("{key}: {other:?} in {span:?}"),
    }
}

#[tokio::test]
async fn one_trace_has_the_request_and_its_parts() {
    let (upstream, collector) = (RecordingUpstream::start(|_| Script::ok("hello")).await, collector().await);
    let config = traces(&collector, "sample = 0\ntrust = true\nheaders = { x-key = \"s3cret\" }");
    let gateway = TestGateway::start(&one_pool(&upstream.url(), &config));
    let mut client = RawClient::connect(gateway.addr).await;
    client.send(get("/api/a?secret", &[&format!("traceparent: {THEIRS}"), "x-request-id: 7"])).await;
    assert_eq!(client.response().await.text(), "hello");

    let request = collector.wait_for(1).await.remove(0);
    assert_eq!(request.headers.one("x-key"), Some("s3cret"));
    let spans = spans_in(&request);
    assert_eq!(spans.len(), 5, "{spans:?}");
    let server = &spans["GET /api"];
    let (trace, parent) = (&THEIRS[3..35], &THEIRS[36..52]);
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    assert_eq!((hex(&server.trace_id), hex(&server.parent_span_id)), (trace.to_owned(), parent.to_owned()));
    assert_eq!(server.kind, SpanKind::Server as i32);
    for (key, value) in [
        ("http.request.method", "GET"),
        ("http.response.status_code", "200"),
        ("http.route", "/api"),
        ("url.path", "/api/a"),
        ("client.address", "127.0.0.1"),
        ("http.response.body.size", "5"),
        ("gateway.ended", "complete"),
        ("http.request.header.x-request-id", "7"),
    ] {
        assert_eq!(text(server, key), value, "{key}");
    }
    for name in ["pick", "upstream", "body"] {
        assert_eq!(spans[name].parent_span_id, server.span_id, "{name}");
    }
    let attempt = &spans["upstream"];
    assert_eq!((attempt.kind, text(attempt, "server.address")), (SpanKind::Client as i32, upstream.url()));
    assert_eq!(spans["connect"].parent_span_id, attempt.span_id);
    let sent = upstream.wait_for(1).await.remove(0).headers.one("traceparent").unwrap().to_owned();
    assert_eq!(sent, format!("00-{trace}-{}-01", hex(&attempt.span_id)));
    for span in spans.values() {
        assert_eq!(span.trace_id, server.trace_id);
        let (begin, end) = (span.start_time_unix_nano, span.end_time_unix_nano);
        assert!(server.start_time_unix_nano <= begin && begin <= end, "{span:?}");
        assert!(end <= server.end_time_unix_nano, "{span:?} in {server:?}");
    }
}

#[tokio::test]
async fn a_request_that_failed_says_why_and_what_is_left_is_sent_at_the_end() {
    let collector = collector().await;
    let nobody = Refusing::new();
    let url = format!("http://{}", nobody.addr);
    let gateway = TestGateway::start(&one_pool(&url, &traces(&collector, "sample = 1")));
    let mut client = RawClient::connect(gateway.addr).await;
    client.send(get("/api/a", &[])).await;
    assert_eq!(client.response().await.status(), 502);
    gateway.shutdown.begin();
    gateway.ended().await;
    let spans = spans_in(&collector.requests()[0]);
    let server = &spans["GET /api"];
    assert_eq!(text(server, "error.type"), "connection_refused");
    assert!(server.parent_span_id.is_empty() && !spans.contains_key("body"), "{spans:?}");
    assert!(spans.contains_key("connect"));
}

#[tokio::test]
async fn nothing_is_sent_of_what_is_not_sampled_and_nobody_waits_for_a_collector_that_is_gone() {
    let (upstream, mut collector) =
        (RecordingUpstream::start(|_| Script::ok("hello")).await, collector().await);
    let gateway = TestGateway::start(&one_pool(&upstream.url(), &traces(&collector, "sample = 0")));
    let mut client = RawClient::connect(gateway.addr).await;
    client.send(get("/api/a", &[])).await;
    assert_eq!(client.response().await.status(), 200);
    gateway.shutdown.begin();
    gateway.ended().await;
    assert!(collector.requests().is_empty());

    collector.kill().await;
    let gateway = TestGateway::start(&one_pool(&upstream.url(), &traces(&collector, "sample = 1")));
    let mut client = RawClient::connect(gateway.addr).await;
    for _ in 0..5 {
        client.send(get("/api/a", &[])).await;
        assert_eq!(client.response().await.status(), 200);
    }
    gateway.shutdown.begin();
    gateway.ended().await;
}
