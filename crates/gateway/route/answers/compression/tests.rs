use std::convert::Infallible;

use axum::body::to_bytes;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderName, HeaderValue, Method};
use http_body::Body as _;
use tower::{ServiceExt, service_fn};

use super::*;

const LONG: usize = 4096;

/// An answer that is worth it, with these fields instead of or besides its own.
fn answer(fields: &[(&'static str, &'static str)]) -> Response<String> {
    let mut response = Response::new("a".repeat(LONG));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    for (name, value) in fields {
        response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    response
}

async fn through(config: Compression, request: Request<Body>, answer: Response<String>) -> Response<Body> {
    let service = service_fn(move |_: Request<Body>| {
        std::future::ready(Ok::<_, Infallible>(answer.clone().map(Body::from)))
    });
    CompressionLayer::new(config).layer(service).oneshot(request).await.unwrap()
}

fn request(accept: &str) -> Request<Body> {
    Request::get("/").header(ACCEPT_ENCODING, accept).body(Body::empty()).unwrap()
}

/// The coding of the answer to a client that takes all of them.
async fn coding(config: Compression, answer: Response<String>) -> Option<HeaderValue> {
    through(config, request("gzip, br, zstd"), answer).await.headers().get(CONTENT_ENCODING).cloned()
}

#[tokio::test]
async fn the_client_chooses_among_the_algorithms() {
    for (accept, algorithms, expected) in [
        ("gzip", vec![Coding::Gzip, Coding::Zstd], Some("gzip")),
        ("gzip, br", vec![Coding::Gzip, Coding::Brotli], Some("br")),
        ("gzip;q=0.9, zstd;q=0.8", vec![Coding::Gzip, Coding::Zstd], Some("gzip")),
        ("zstd, gzip", vec![Coding::Gzip], Some("gzip")),
        ("*", vec![Coding::Brotli], Some("br")),
        ("zstd", vec![Coding::Gzip], None),
        ("", vec![Coding::Gzip], None),
        ("gzip;q=0", vec![Coding::Gzip], None),
    ] {
        let config = Compression { algorithms, ..Compression::default() };
        let response = through(config, request(accept), answer(&[("etag", "\"1\"")])).await;
        let header = |name| response.headers().get(name).map(|value: &HeaderValue| value.to_str().unwrap());
        assert_eq!(header(CONTENT_ENCODING), expected, "{accept}");
        assert_eq!(header(VARY), Some("accept-encoding"), "{accept}");
        assert_eq!(header(ETAG), Some(if expected.is_some() { "W/\"1\"" } else { "\"1\"" }), "{accept}");
        let body = to_bytes(response.into_body(), 2 * LONG).await.unwrap();
        assert_eq!(body.len() < LONG, expected.is_some(), "{accept}");
    }
}

/// What tower-http would make a 406 of.
#[tokio::test]
async fn a_client_that_takes_nothing_gets_the_answer_as_it_is() {
    for accept in ["identity;q=0", "*;q=0", "deflate, identity;q=0, *;q=0"] {
        let mut failed = answer(&[]);
        *failed.status_mut() = StatusCode::BAD_GATEWAY;
        let response = through(Compression::default(), request(accept), failed).await;
        assert_eq!((response.status().as_u16(), response.headers().get(CONTENT_ENCODING)), (502, None));
    }
}

#[tokio::test]
async fn what_is_not_worth_it_stays_as_it_is() {
    let fields: [&[_]; 14] = [
        &[("content-encoding", "br")],
        &[("content-range", "bytes 0-9/10")],
        &[("content-type", "text/event-stream")],
        &[("content-type", "Text/Event-Stream; charset=utf-8")],
        &[("content-type", "application/grpc+proto")],
        &[("content-type", "application/grpc-web")],
        &[("content-type", "image/png")],
        &[("content-type", "application/zip")],
        &[("content-type", "")],
        &[("cache-control", "public,No-Transform")],
        &[("content-digest", "sha-256=:x:")],
        &[("repr-digest", "sha-256=:x:")],
        &[("digest", "x")],
        &[("content-md5", "x")],
    ];
    for fields in fields {
        let expected = fields.iter().find(|(name, _)| *name == "content-encoding");
        let found = coding(Compression::default(), answer(fields)).await;
        assert_eq!(found, expected.map(|(_, value)| HeaderValue::from_static(value)), "{fields:?}");
    }
    for status in [StatusCode::NO_CONTENT, StatusCode::PARTIAL_CONTENT, StatusCode::NOT_MODIFIED] {
        let mut response = answer(&[]);
        *response.status_mut() = status;
        assert_eq!(coding(Compression { min_size: 0, ..Compression::default() }, response).await, None);
    }
    for (min_size, is_compressed) in [(LONG as u64, true), (LONG as u64 + 1, false)] {
        let config = Compression { min_size, ..Compression::default() };
        assert_eq!(coding(config, answer(&[])).await.is_some(), is_compressed, "{min_size}");
    }
    let mut request = request("gzip");
    request.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-transform"));
    let response = through(Compression::default(), request, answer(&[])).await;
    assert_eq!(response.headers().get(CONTENT_ENCODING), None);
}

/// The answer to HEAD says what that to GET would (RFC 9110 §9.3.2), and no length that isn't its (§8.6). It is also so
/// without a length, and where the body that nobody sends is there.
#[tokio::test]
async fn a_head_is_that_of_the_get() {
    let (short, long) = ("10", "4096");
    for (accept, body, length, coding) in [
        ("gzip", "", Some(long), Some("gzip")),
        ("gzip", "", None, Some("gzip")),
        ("gzip", "a body", Some(long), None),
        ("br", "", Some(long), None),
        ("gzip", "", Some(short), None),
    ] {
        let mut request = request(accept);
        *request.method_mut() = Method::HEAD;
        let mut inner = answer(&[("etag", "\"1\"")]);
        body.clone_into(inner.body_mut());
        if let Some(length) = length {
            inner.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static(length));
        }
        let config = Compression { algorithms: vec![Coding::Gzip], ..Compression::default() };
        let response = through(config, request, inner).await;
        let header = |name| response.headers().get(name).map(|value: &HeaderValue| value.to_str().unwrap());
        assert_eq!(header(CONTENT_ENCODING), coding, "{accept} {length:?}");
        assert_eq!(header(CONTENT_LENGTH), length.filter(|_| coding.is_none()), "{accept} {length:?}");
        assert_eq!(header(ETAG), Some(if coding.is_some() { "W/\"1\"" } else { "\"1\"" }));
        assert_eq!(response.body().size_hint().exact(), Some(body.len() as u64));
    }
    let mut request = request("gzip");
    *request.method_mut() = Method::HEAD;
    let response = through(Compression::default(), request, answer(&[])).await;
    assert!(response.body().is_end_stream(), "its length would be that of the other form");
}

/// A client that was given other bytes has a weak tag, and goes on to have it.
#[tokio::test]
async fn a_304_has_the_tag_that_the_client_has() {
    for (known, tag, expected, vary) in [
        ("W/\"1\"", "\"1\"", "W/\"1\"", true),
        ("\"0\", W/\"1\"", "\"1\"", "W/\"1\"", true),
        ("\"1\"", "\"1\"", "\"1\"", false),
        ("W/\"11\"", "\"1\"", "\"1\"", false),
        ("*", "\"1\"", "\"1\"", false),
        ("W/\"1\"", "W/\"1\"", "W/\"1\"", false),
    ] {
        let mut request = request("gzip");
        request.headers_mut().insert(IF_NONE_MATCH, HeaderValue::from_static(known));
        let mut unchanged = answer(&[("etag", tag)]);
        *unchanged.status_mut() = StatusCode::NOT_MODIFIED;
        let response = through(Compression::default(), request, unchanged).await;
        assert_eq!(
            (&response.headers()[ETAG], response.headers().contains_key(VARY)),
            (&HeaderValue::from_static(expected), vary),
            "{known}"
        );
    }
}

#[tokio::test]
async fn what_is_worth_it_is_compressed() {
    for media_type in [
        "text/html; charset=utf-8",
        "TEXT/CSS",
        "application/json",
        "application/problem+json",
        "image/svg+xml",
        "application/wasm",
    ] {
        assert!(
            coding(Compression::default(), answer(&[("content-type", media_type)])).await.is_some(),
            "{media_type}"
        );
    }
}
