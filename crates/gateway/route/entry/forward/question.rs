//! What a service is asked about a request.

use axum::body::Body;
use axum::http::Request;
use http::header::{
    CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, EXPECT, FORWARDED, HOST, IF_MATCH,
    IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, MAX_FORWARDS, RANGE, TE, TRAILER,
    TRANSFER_ENCODING, UPGRADE, VIA,
};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use proxy_service::{Peer, reads_alike};

use crate::config::ServiceUrl;
use crate::peer;
use crate::route::original::Original;

/// What is about the request's body, its connection, or the one thing that it asks for. The rest the service gets.
const LEFT_OUT: [HeaderName; 18] = [
    CONTENT_LENGTH,
    CONTENT_ENCODING,
    CONTENT_RANGE,
    TRANSFER_ENCODING,
    TE,
    TRAILER,
    EXPECT,
    UPGRADE,
    HeaderName::from_static("http2-settings"),
    MAX_FORWARDS,
    RANGE,
    IF_RANGE,
    IF_MATCH,
    IF_NONE_MATCH,
    IF_MODIFIED_SINCE,
    IF_UNMODIFIED_SINCE,
    HeaderName::from_static("x-admin-token"),
    HeaderName::from_static("x-gateway-pick"),
];

/// In which other proxies say what is asked for. Some services believe these fields first, and only the gateway may say that.
const TARGETS: [HeaderName; 8] = [
    HeaderName::from_static("x-original-url"),
    HeaderName::from_static("x-original-uri"),
    HeaderName::from_static("x-original-method"),
    HeaderName::from_static("x-original-host"),
    HeaderName::from_static("x-rewrite-url"),
    HeaderName::from_static("x-http-method"),
    HeaderName::from_static("x-http-method-override"),
    HeaderName::from_static("x-method-override"),
];

/// What the proxy needs to see, though the service may not.
const ALWAYS: [HeaderName; 3] = [HOST, VIA, CONNECTION];

static X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
static X_FORWARDED_METHOD: HeaderName = HeaderName::from_static("x-forwarded-method");
static X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
static X_FORWARDED_URI: HeaderName = HeaderName::from_static("x-forwarded-uri");
static X_REAL_IP: HeaderName = HeaderName::from_static("x-real-ip");

pub(super) struct Questions {
    uri: Uri,
    /// The fields that the service gets. `None`: all but those of [`LEFT_OUT`] and [`TARGETS`].
    fields: Option<Vec<HeaderName>>,
}

impl Questions {
    pub(super) fn new(url: &ServiceUrl, fields: Option<Vec<HeaderName>>) -> Self {
        Self { uri: url.uri().clone(), fields }
    }

    pub(super) fn about(&self, head: &Parts) -> Request<Body> {
        let mut question = Request::new(Body::empty());
        *question.uri_mut() = self.uri.clone();
        *question.version_mut() = head.version;
        let headers = question.headers_mut();
        for (name, value) in head.headers.iter().filter(|(name, _)| self.passes(name, head)) {
            headers.append(name, value.clone());
        }
        if !headers.contains_key(HOST)
            && let Some(host) =
                head.uri.authority().and_then(|host| HeaderValue::from_str(host.as_str()).ok())
        {
            headers.insert(HOST, host);
        }
        describe(head, headers);
        if let Some(peer) = head.extensions.get::<Peer>() {
            // What is said of the client here is the gateway's word.
            question.extensions_mut().insert(peer.clone().trusted());
        }
        question
    }

    fn passes(&self, name: &HeaderName, head: &Parts) -> bool {
        if ALWAYS.contains(name) {
            return true;
        }
        if is_claim(name) {
            return peer::is_trusted_proxy(&head.extensions);
        }
        match &self.fields {
            Some(fields) => fields.contains(name),
            None => !LEFT_OUT.contains(name) && !TARGETS.iter().any(|other| reads_alike(name, other)),
        }
    }
}

/// Says what is asked for. A trusted proxy has said some of it already; `X-Forwarded-For` is added by the proxy.
fn describe(head: &Parts, headers: &mut HeaderMap) {
    // A WebSocket is the same over HTTP/2, where it is a CONNECT.
    let method = if head.method == Method::CONNECT { &Method::GET } else { &head.method };
    let method = HeaderValue::from_str(method.as_str()).expect("a method is a token");
    headers.insert(&X_FORWARDED_METHOD, method);
    if let Ok(target) = HeaderValue::try_from(target(head).into_bytes()) {
        headers.insert(&X_FORWARDED_URI, target);
    }
    if !headers.contains_key(&X_FORWARDED_PROTO) {
        let is_https =
            head.extensions.get::<Peer>().is_some_and(|peer| *peer.scheme() == http::uri::Scheme::HTTPS);
        let proto = HeaderValue::from_static(if is_https { "https" } else { "http" });
        headers.insert(&X_FORWARDED_PROTO, proto);
    }
    if !headers.contains_key(&X_FORWARDED_HOST)
        && let Some(host) = headers.get(HOST).cloned()
    {
        headers.insert(&X_FORWARDED_HOST, host);
    }
}

/// The request's target as it came, before anything was taken off its path.
fn target(head: &Parts) -> String {
    let (path, query) = match head.extensions.get::<Original>() {
        Some(original) => (original.path(), original.query()),
        None => (head.uri.path(), head.uri.query()),
    };
    match query {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    }
}

/// Whether it says who the client is.
fn is_claim(name: &HeaderName) -> bool {
    name.as_str().starts_with("x-forwarded-") || *name == FORWARDED || *name == X_REAL_IP
}
