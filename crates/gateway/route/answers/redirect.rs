//! `redirect`: an answer that sends clients elsewhere.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::http::header::LOCATION;
use axum::http::{HeaderValue, Request, Response, StatusCode};
use bytes::{Bytes, BytesMut};
use tower::Service;

use super::escape::escape;
use super::plain::plain;
use crate::config::RouteRedirect;
use crate::route::template::{self, Facts, Place};

/// Sends clients elsewhere. A request for which no safe `Location` can be made gets 400: one without a host, if the host
/// is needed.
///
/// ```
/// use axum::http::{Request, StatusCode};
/// use gateway::config::{RouteRedirect, RouteTemplate};
/// use gateway::route::answers::RedirectService;
/// use tower::ServiceExt;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let secured = RedirectService::new(RouteRedirect {
///     status: StatusCode::PERMANENT_REDIRECT,
///     origin: Some(RouteTemplate::compile("https://{host}", &[])?),
///     target: RouteTemplate::compile("{uri}", &[])?,
/// });
/// let request = Request::get("/x?y").header("host", "a.example:8080").body(())?;
/// assert_eq!(secured.oneshot(request).await?.headers()["location"], "https://a.example/x?y");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct RedirectService {
    redirect: Arc<RouteRedirect>,
}

impl RedirectService {
    /// Sends clients there.
    pub fn new(redirect: RouteRedirect) -> Self {
        Self { redirect: Arc::new(redirect) }
    }

    fn answer<B>(&self, request: &Request<B>) -> Response<Body> {
        let RouteRedirect { status, origin, target } = &*self.redirect;
        let facts = Facts::of(request);
        let text = |template| {
            let mut text = BytesMut::new();
            template::write(template, &facts, Place::Path, &mut text);
            text
        };
        let origin = origin.as_ref().map(text);
        let Some(location) = location(origin.as_deref(), &text(target)) else {
            return plain(StatusCode::BAD_REQUEST);
        };
        let mut response = Response::new(Body::empty());
        *response.status_mut() = *status;
        response.headers_mut().insert(LOCATION, location);
        response
    }
}

impl<B> Service<Request<B>> for RedirectService {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Ready<Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        ready(Ok(self.answer(&request)))
    }
}

/// Makes a `Location` that leads to this origin, or to the request's own, whatever the bytes of `target` are.
fn location(origin: Option<&[u8]>, target: &[u8]) -> Option<HeaderValue> {
    let mut location = Vec::with_capacity(origin.map_or(0, <[u8]>::len) + target.len() + 1);
    // Browsers take a backslash for a slash, and what begins with two of them for another host.
    let target = match origin {
        Some(origin) => {
            is_origin(origin).then(|| location.extend_from_slice(origin))?;
            if !matches!(target.first(), None | Some(b'/' | b'?' | b'#')) {
                location.push(b'/');
            }
            target
        }
        None => {
            location.push(b'/');
            let slashes = target.iter().take_while(|byte| matches!(byte, b'/' | b'\\')).count();
            target.get(slashes..).unwrap_or_default()
        }
    };
    // `{path}?{query}` of a request without a query.
    escape(target.strip_suffix(b"?").unwrap_or(target), &mut location);
    HeaderValue::from_maybe_shared(Bytes::from(location)).ok()
}

/// Whether this is a scheme and an authority, and nothing that ends the authority early (RFC 3986 §3.2).
fn is_origin(origin: &[u8]) -> bool {
    let authority = origin.strip_prefix(b"https://").or_else(|| origin.strip_prefix(b"http://"));
    let may_stand = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~:[]".contains(byte);
    authority.is_some_and(|authority| {
        authority.first().is_some_and(|first| *first != b':') && authority.iter().all(may_stand)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(origin: Option<&str>, target: &str) -> Option<String> {
        let location = location(origin.map(str::as_bytes), target.as_bytes())?;
        Some(location.to_str().unwrap().to_owned())
    }

    #[test]
    fn a_location_leads_to_its_origin() {
        for (origin, target, expected) in [
            (Some("https://a.example"), "/x?y", Some("https://a.example/x?y")),
            (Some("https://a.example:8443"), "", Some("https://a.example:8443")),
            (Some("https://[::1]"), "/x?", Some("https://[::1]/x")),
            (Some("https://a.example"), ".evil.example", Some("https://a.example/.evil.example")),
            (Some("https://a.example"), "@evil.example", Some("https://a.example/@evil.example")),
            (Some("https://a.example"), "//evil.example", Some("https://a.example//evil.example")),
            (Some("https://evil.example/.a.example"), "/", None),
            (Some("https://evil.example\\.a.example"), "/", None),
            (Some("https://me@a.example"), "/", None),
            (Some("https://a%2eexample"), "/", None),
            (Some("https://"), "/", None),
            (Some("https://:80"), "/", None),
            (Some("javascript://a.example"), "/", None),
            (None, "/x", Some("/x")),
            (None, "//evil.example", Some("/evil.example")),
            (None, "/\\evil.example", Some("/evil.example")),
            (None, "\\/\\evil.example/\\", Some("/evil.example/%5C")),
            (None, "https://evil.example", Some("/https://evil.example")),
            (None, "", Some("/")),
            (None, "/a\r\nset-cookie: x", Some("/a%0D%0Aset-cookie:%20x")),
            (None, "/é\"<>", Some("/%C3%A9%22%3C%3E")),
        ] {
            assert_eq!(made(origin, target).as_deref(), expected, "{origin:?} {target}");
        }
    }
}
