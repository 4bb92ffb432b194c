//! What a request tells.

use std::fmt::Write as _;

use axum::http::header::HOST;
use axum::http::request::Parts;
use axum::http::uri::Scheme;
use axum::http::{Extensions, HeaderMap, HeaderName, Method, Request, Uri};
use bytes::BytesMut;
use proxy_service::Peer;

use crate::config::RouteValue;
use crate::cookies;
use crate::peer;
use crate::request_id::X_REQUEST_ID;
use crate::route::host::without_port;
use crate::route::original::{Original, OriginalMethod};
use crate::route::query;

/// A request without its body.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts<'a> {
    method: &'a Method,
    uri: &'a Uri,
    headers: &'a HeaderMap,
    extensions: &'a Extensions,
}

impl<'a> Facts<'a> {
    pub(crate) fn of<B>(request: &'a Request<B>) -> Self {
        Self {
            method: request.method(),
            uri: request.uri(),
            headers: request.headers(),
            extensions: request.extensions(),
        }
    }

    pub(crate) fn of_head(head: &'a Parts) -> Self {
        Self { method: &head.method, uri: &head.uri, headers: &head.headers, extensions: &head.extensions }
    }

    /// Appends a value. One that isn't there is empty.
    pub(super) fn put(&self, value: &RouteValue, out: &mut BytesMut) {
        match value {
            RouteValue::Uri => {
                // Not the text of both: `http://a?q` has a query, but no path.
                out.extend_from_slice(self.target().path().as_bytes());
                if let Some(query) = self.target().query() {
                    out.extend_from_slice(b"?");
                    out.extend_from_slice(query.as_bytes());
                }
            }
            RouteValue::ClientIp => {
                if let Some(ip) = peer::client_ip(self.extensions).filter(|ip| !ip.is_unspecified()) {
                    let _a_buffer_takes_all = write!(out, "{ip}");
                }
            }
            other => out.extend_from_slice(self.text(other)),
        }
    }

    /// A value whose bytes are there.
    fn text(&self, value: &RouteValue) -> &'a [u8] {
        match value {
            RouteValue::Path => self.target().path().as_bytes(),
            RouteValue::Capture(index) => {
                self.original().map_or("", |original| original.capture(*index)).as_bytes()
            }
            RouteValue::Query => self.query().as_bytes(),
            RouteValue::QueryParameter(name) => {
                query::find(self.query(), name).unwrap_or_default().as_bytes()
            }
            RouteValue::Host => without_port(self.host_port()),
            RouteValue::HostPort => self.host_port(),
            RouteValue::Scheme => match peer::scheme_of(self.extensions, self.headers) == Scheme::HTTPS {
                true => b"https",
                false => b"http",
            },
            RouteValue::Method => self.asked_method().as_str().as_bytes(),
            RouteValue::RequestId => self.field(&X_REQUEST_ID),
            RouteValue::Header(name) => self.field(name),
            RouteValue::Cookie(name) => cookies::find(self.headers, name).unwrap_or_default(),
            RouteValue::TlsSubject => {
                let certificate = self.extensions.get::<Peer>().and_then(Peer::certificate);
                certificate.map(|certificate| certificate.subject.as_bytes()).unwrap_or_default()
            }
            RouteValue::TlsVersion => peer::tls(self.extensions).unwrap_or_default().as_bytes(),
            RouteValue::Uri | RouteValue::ClientIp | RouteValue::Upstream | RouteValue::Status => b"",
        }
    }

    fn field(&self, name: &HeaderName) -> &'a [u8] {
        self.headers.get(name).map(|value| value.as_bytes()).unwrap_or_default()
    }

    /// The method as the client sent it.
    fn asked_method(&self) -> &'a Method {
        self.extensions.get().map_or(self.method, |OriginalMethod(method)| method)
    }

    fn original(&self) -> Option<&'a Original> {
        self.extensions.get()
    }

    /// The target as the client sent it.
    pub(crate) fn target(&self) -> &'a Uri {
        self.original().map_or(self.uri, Original::uri)
    }

    fn query(&self) -> &'a str {
        self.target().query().unwrap_or_default()
    }

    fn host_port(&self) -> &'a [u8] {
        let of_target = || self.uri.authority().map_or("", |authority| authority.as_str()).as_bytes();
        self.headers.get(HOST).map_or_else(of_target, |host| host.as_bytes())
    }
}
