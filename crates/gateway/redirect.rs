//! A listener that redirects: it answers every request with where it is to be sent instead.

use std::convert::Infallible;
use std::future::ready;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::http::header::{HOST, LOCATION};
use axum::http::uri::Authority;
use axum::http::{HeaderValue, Request, Response, StatusCode};
use tower::Service;

use crate::config::Redirect;
use crate::route::Answering;

/// Redirects a request that came to such a listener, and passes every other one on.
///
/// `OPTIONS *` is passed on as well: it asks about the server itself and has no path elsewhere. So is what every listener
/// answers: a page that proves to an authority that a name is ours can't wait for the certificate.
#[derive(Clone, Debug)]
pub(crate) struct Redirects<S> {
    inner: S,
    spared: Option<&'static str>,
}

impl<S> Redirects<S> {
    /// What is below the prefix `spared` is passed on.
    pub(crate) fn before(inner: S, spared: Option<&'static str>) -> Self {
        Self { inner, spared }
    }

    fn is_spared(&self, path: &str) -> bool {
        let below = self.spared.and_then(|prefix| path.strip_prefix(prefix));
        path == "*" || below.is_some_and(|below| below.starts_with('/'))
    }
}

impl<S> Service<Request<Body>> for Redirects<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future = Answering>,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Answering;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Answering {
        match request.extensions().get::<Redirect>() {
            Some(redirect) if !self.is_spared(request.uri().path()) => {
                Box::pin(ready(Ok(answer(*redirect, &request))))
            }
            _ => self.inner.call(request),
        }
    }
}

/// 308 keeps the method and the body, so that a POST stays one (RFC 9110 §15.4.9).
fn answer(redirect: Redirect, request: &Request<Body>) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::BAD_REQUEST;
    if let Some(location) = location(redirect, request) {
        *response.status_mut() = StatusCode::PERMANENT_REDIRECT;
        response.headers_mut().insert(LOCATION, location);
    }
    response
}

/// `None` if the request doesn't say to which host it was sent. The edge has checked the host.
fn location(Redirect { port }: Redirect, request: &Request<Body>) -> Option<HeaderValue> {
    let of_header = || request.headers().get(HOST)?.to_str().ok()?.parse::<Authority>().ok();
    let authority = request.uri().authority().cloned().or_else(of_header)?;
    let port = if port == 443 { String::new() } else { format!(":{port}") };
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    HeaderValue::from_maybe_shared(bytes::Bytes::from(format!("https://{}{port}{path}", authority.host())))
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_below_the_prefix_is_spared() {
        let redirects = Redirects::before((), Some("/.well-known/acme-challenge"));
        for (path, is_spared) in [
            ("/.well-known/acme-challenge/token", true),
            ("*", true),
            ("/.well-known/acme-challenge", false),
            ("/.well-known/acme-challenges", false),
            ("/x/.well-known/acme-challenge/token", false),
        ] {
            assert_eq!(redirects.is_spared(path), is_spared, "{path}");
        }
        assert!(!Redirects::before((), None).is_spared("/.well-known/acme-challenge/token"));
    }

    #[test]
    fn the_location_is_the_same_resource_over_https() {
        for (uri, host, port, expected) in [
            ("/a?b=c", Some("example.com"), 443, Some("https://example.com/a?b=c")),
            ("/", Some("example.com:80"), 443, Some("https://example.com/")),
            ("/%2f//x", Some("example.com:8080"), 8443, Some("https://example.com:8443/%2f//x")),
            ("/", Some("[::1]:80"), 443, Some("https://[::1]/")),
            ("http://example.com:80/x", Some("example.com"), 443, Some("https://example.com/x")),
            ("/", None, 443, None),
            ("/", Some(""), 443, None),
        ] {
            let mut request = Request::get(uri);
            if let Some(host) = host {
                request = request.header(HOST, host);
            }
            let location = location(Redirect { port }, &request.body(Body::empty()).unwrap());
            assert_eq!(
                location.as_ref().map(|location| location.to_str().unwrap()),
                expected,
                "{uri} {host:?}"
            );
        }
    }
}
