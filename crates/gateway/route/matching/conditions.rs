//! The conditions besides path and host.

use std::borrow::Cow;
use std::{fmt, iter};

use http::header::{CONNECTION, UPGRADE};
use http::{HeaderName, Method, Request};

use crate::config::{ClientScheme, Matching, Pattern, ValueTest};
use crate::peer;

/// A condition that a request doesn't meet.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Unmet<'a> {
    Method,
    Scheme(ClientScheme),
    Client,
    Header(&'a str, &'a ValueTest),
    Query(&'a str, &'a ValueTest),
    Regex(&'a Pattern),
}

/// The first condition that a request doesn't meet, but for that of the path. `None` if it meets all.
pub(super) fn unmet<'a, B>(matching: &'a Matching, request: &Request<B>) -> Option<Unmet<'a>> {
    if !takes_method(matching, request.method()) {
        return Some(Unmet::Method);
    }
    if let Some(scheme) = matching.scheme.filter(|scheme| *scheme != scheme_of(request)) {
        return Some(Unmet::Scheme(scheme));
    }
    if !takes_client(matching, request) {
        return Some(Unmet::Client);
    }
    let mut headers = matching.headers.iter();
    if let Some((name, test)) = headers.find(|(name, test)| !is_as_wanted(request, name, test)) {
        return Some(Unmet::Header(name.as_str(), test));
    }
    let query = request.uri().query().unwrap_or_default();
    let mut parameters = matching.query.iter();
    let unmet = parameters.find(|(name, test)| !test.holds(values(query, name)));
    unmet.map(|(name, test)| Unmet::Query(name, test))
}

/// Whether a header is as it has to be. A CONNECT that gets here is a WebSocket over HTTP/2: its upstream gets a GET with
/// the fields of an upgrade, which HTTP/2 doesn't have.
fn is_as_wanted<B>(request: &Request<B>, name: &HeaderName, test: &ValueTest) -> bool {
    match *name {
        UPGRADE if *request.method() == Method::CONNECT => test.holds(iter::once("websocket")),
        CONNECTION if *request.method() == Method::CONNECT => test.holds(iter::once("upgrade")),
        _ => test.holds(request.headers().get_all(name).iter()),
    }
}

fn takes_method(matching: &Matching, method: &Method) -> bool {
    // As its upstream gets it, like the headers.
    let method = if *method == Method::CONNECT { &Method::GET } else { method };
    let takes = |method: &Method| matching.methods.contains(method);
    matching.methods.is_empty() || takes(method) || *method == Method::HEAD && takes(&Method::GET)
}

fn scheme_of<B>(request: &Request<B>) -> ClientScheme {
    if peer::scheme(request).as_str() == "https" { ClientScheme::Https } else { ClientScheme::Http }
}

/// A client without an address, such as one at a Unix socket, is in no network.
fn takes_client<B>(matching: &Matching, request: &Request<B>) -> bool {
    let ip = || peer::client_ip(request.extensions());
    matching.clients.is_empty()
        || ip().is_some_and(|ip| matching.clients.iter().any(|network| network.contains(&ip)))
}

/// The values of a query parameter, decoded as forms are (`application/x-www-form-urlencoded`). Only what is encoded is
/// copied.
fn values<'q>(query: &'q str, wanted: &str) -> impl Iterator<Item = Cow<'q, [u8]>> {
    let pairs = form_urlencoded::parse(query.as_bytes());
    pairs.filter(move |(name, _)| name == wanted).map(|(_, value)| match value {
        Cow::Borrowed(value) => Cow::Borrowed(value.as_bytes()),
        Cow::Owned(value) => Cow::Owned(value.into_bytes()),
    })
}

impl fmt::Display for Unmet<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Method => f.write_str("it doesn't take the method"),
            Self::Scheme(ClientScheme::Http) => f.write_str("it takes http alone"),
            Self::Scheme(ClientScheme::Https) => f.write_str("it takes https alone"),
            Self::Client => f.write_str("the client is in none of its networks"),
            Self::Header(name, test) => write!(f, "the header {name} is not as it has to be ({test})"),
            Self::Query(name, test) => write!(f, "the query's {name} is not as it has to be ({test})"),
            Self::Regex(pattern) => write!(f, "the path doesn't match {pattern}"),
        }
    }
}
