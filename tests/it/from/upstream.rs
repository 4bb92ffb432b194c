//! Upstreams that say who they are, and tell the test what they got.

use std::net::{Ipv4Addr, SocketAddr};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, header};
use tokio::net::TcpListener;
use tokio::sync::mpsc::UnboundedSender;

use crate::support::fields::Fields;

/// The field that each request of a test has. Others, such as probes, are answered and not told of.
pub(super) const ASKED: &str = "x-asked";
/// The field of a request that says which status its answer is to have.
const ANSWER: &str = "x-answer";
/// So that two answers at different times are the same.
const DATE: &str = "Mon, 30 Nov 2026 12:00:00 GMT";
const MOST: usize = 1 << 20;

/// A request as an upstream got it.
#[derive(Debug)]
pub(super) struct Got {
    pub(super) upstream: &'static str,
    pub(super) target: String,
    /// With `:method`, as HTTP/2 has it.
    pub(super) fields: Fields,
    pub(super) body: Bytes,
}

/// Serves HTTP/1.1, and HTTP/2 without TLS, until the test ends.
pub(super) async fn start(name: &'static str, told: UnboundedSender<Got>) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let addr = listener.local_addr().unwrap();
    let app = Router::new().fallback(async move |request: Request<Body>| {
        let (parts, body) = request.into_parts();
        let body = to_bytes(body, MOST).await.unwrap();
        let answer = answer(name, &parts.headers);
        if parts.headers.contains_key(ASKED) {
            let target = parts.uri.path_and_query().unwrap().to_string();
            told.send(Got { upstream: name, target, fields: fields(&parts), body }).unwrap();
        }
        answer
    });
    tokio::spawn(axum::serve(listener, app).into_future());
    addr
}

/// What came, with the `:authority` of HTTP/2 as the `Host` that it stands for.
fn fields(parts: &Parts) -> Fields {
    let text = |(name, value): (&HeaderName, &HeaderValue)| {
        (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    let mut fields: Vec<(String, String)> = parts.headers.iter().map(text).collect();
    fields.push((":method".to_owned(), parts.method.to_string()));
    if let Some(host) = parts.uri.authority().filter(|_| !parts.headers.contains_key(header::HOST)) {
        fields.push(("host".to_owned(), host.to_string()));
    }
    Fields(fields)
}

fn answer(name: &'static str, asked: &HeaderMap) -> Response<Body> {
    let status = asked.get(ANSWER).map_or(200, |status| status.to_str().unwrap().parse().unwrap());
    Response::builder()
        .status(status)
        .header(header::DATE, DATE)
        .header(header::SERVER, format!("{name}/1.0"))
        .header(header::CONTENT_TYPE, "text/vnd.test")
        .header(header::CACHE_CONTROL, "private")
        .header(header::SET_COOKIE, "session=1; Path=/; HttpOnly")
        .header(header::SET_COOKIE, "lang=en; Path=/")
        .body(Body::from(name))
        .unwrap()
}
