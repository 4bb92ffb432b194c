//! What the upstream is told, and the warning where it can't be told anything.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use http::{Request, Response, Uri};
use proxy_service::{PeerLayer, ProxyBody, ProxyLayer, ProxyService, RequestBody, RouteOptions, Target};
use tower::{BoxError, Layer, Service, ServiceExt, service_fn};
use tracing::span;

use super::{Accepted, Body, accepted};

/// A client that answers each request with the fields that it was sent.
fn recorder() -> impl Service<
    Request<RequestBody<Body>>,
    Response = Response<Body>,
    Error = Infallible,
    Future = Ready<Result<Response<Body>, Infallible>>,
> + Clone {
    service_fn(|request: Request<RequestBody<Body>>| {
        let mut response = Response::new(Body::new());
        response.headers_mut().insert("seen-path", request.uri().path().parse().unwrap());
        for (name, value) in request.headers() {
            response.headers_mut().insert(name.clone(), value.clone());
        }
        ready(Ok(response))
    })
}

async fn seen<S>(service: S, request: Request<Body>, name: &str) -> Option<String>
where
    S: Service<Request<Body>, Response = Response<ProxyBody<Body>>, Error: Into<BoxError>>,
{
    let response = service.oneshot(request).await.map_err(Into::into).unwrap();
    response.headers().get(name).map(|value| value.to_str().unwrap().to_owned())
}

/// What a router keeps of a URI.
#[derive(Clone)]
struct Original(Uri);

fn target(text: &str) -> Target {
    text.parse().unwrap()
}

#[tokio::test]
async fn with_the_layer_the_upstream_is_told_who_the_client_is() {
    let proxy = ProxyService::new(target("http://upstream.example"), recorder());
    assert_eq!(seen(proxy.clone(), accepted(), "x-forwarded-for").await, None);
    let told = PeerLayer::from_extension(|Accepted(addr): &Accepted| *addr).layer(proxy);
    assert_eq!(seen(told.clone(), accepted(), "x-forwarded-for").await.as_deref(), Some("192.0.2.7"));
    assert_eq!(seen(told, accepted(), "x-forwarded-proto").await.as_deref(), Some("http"));
}

#[tokio::test]
async fn the_original_uri_tells_the_prefix() {
    let of_original = |upstream: &str| {
        ProxyLayer::new(target(upstream)).original_uri(|Original(uri): &Original| uri).layer(recorder())
    };
    let request = |original: Option<&'static str>, left: &'static str| {
        let mut request = accepted();
        *request.uri_mut() = Uri::from_static(left);
        if let Some(original) = original {
            request.extensions_mut().insert(Original(Uri::from_static(original)));
        }
        request
    };
    let proxy = of_original("http://upstream.example");
    for (original, left, prefix) in [
        (Some("/api/users"), "/users", Some("/api")),
        (Some("/api/users?id=7"), "/users?id=7", Some("/api")),
        (Some("/api"), "/", Some("/api")),
        (Some("/users"), "/users", None),
        (Some("/other"), "/users", None),
        (Some("/%2e%2e/users"), "/users", None),
        (None, "/users", None),
    ] {
        let seen = seen(proxy.clone(), request(original, left), "x-forwarded-prefix").await;
        assert_eq!(seen.as_deref(), prefix, "{original:?} {left}");
    }

    let mut named = request(Some("/api/users"), "/users");
    let options = RouteOptions::new().prefix("/named".parse().unwrap());
    named.extensions_mut().insert(Arc::new(options));
    assert_eq!(seen(proxy, named, "x-forwarded-prefix").await.as_deref(), Some("/named"));

    let based = of_original("http://upstream.example/docs");
    for (original, arrives) in [("/docs", "/docs"), ("/docs/", "/docs/")] {
        let seen = seen(based.clone(), request(Some(original), "/"), "seen-path").await;
        assert_eq!(seen.as_deref(), Some(arrives), "{original}");
    }
}

/// Counts the warnings of this crate.
#[derive(Clone, Default)]
struct Warnings(Arc<AtomicUsize>);

impl tracing::Subscriber for Warnings {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        *metadata.level() == tracing::Level::WARN && metadata.target() == "proxy_service::peer"
    }

    fn event(&self, _: &tracing::Event<'_>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

#[tokio::test]
async fn requests_without_a_peer_are_warned_of_once_a_service() {
    // If a process has just one subscriber, an event that a thread without it meets first is off for all threads from
    // then on: the threads of the other tests have none. With a second one, tracing asks both.
    let _second = tracing::Dispatch::new(Warnings::default());
    let warnings = Warnings::default();
    let _guard = tracing::subscriber::set_default(warnings.clone());
    let count = || warnings.0.load(Ordering::Relaxed);
    let told = PeerLayer::from_extension(|Accepted(addr): &Accepted| *addr);
    let proxy = || ProxyService::new(target("http://upstream.example"), recorder());

    let one = proxy();
    for _ in 0..3 {
        told.layer(one.clone()).oneshot(accepted()).await.map_err(|failed| failed.to_string()).unwrap();
    }
    assert_eq!(count(), 0);
    for _ in 0..3 {
        one.clone().oneshot(accepted()).await.map_err(|failed| failed.to_string()).unwrap();
    }
    assert_eq!(count(), 1);
    let other = proxy();
    for _ in 0..3 {
        other.clone().oneshot(accepted()).await.map_err(|failed| failed.to_string()).unwrap();
    }
    assert_eq!(count(), 2);
}
