//! The facts in a line of the access log, which are collected while the request is handled.

use std::error::Error;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use axum::http::{HeaderValue, Method, Request, Response, StatusCode, Uri};
use proxy_service::{ErrorKind, ProxyError, Upstream};

use super::EVENT;
use crate::peer;
use crate::request_id::X_REQUEST_ID;
use crate::serve::Refused;

/// What inner layers tell the access log about a request: a request extension, if the access log is on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Journey(Arc<Facts>);

#[derive(Debug, Default)]
struct Facts {
    route: OnceLock<Arc<str>>,
    tries: AtomicU32,
}

impl Journey {
    /// Notes the prefix of the route that takes the request.
    pub(crate) fn through(&self, route: &Arc<str>) {
        self.0.route.get_or_init(|| Arc::clone(route));
    }

    /// Counts that the request is sent to an endpoint.
    pub(crate) fn count_try(&self) {
        self.0.tries.fetch_add(1, Ordering::Relaxed);
    }

    fn route(&self) -> Option<&str> {
        self.0.route.get().map(AsRef::as_ref)
    }

    fn tries(&self) -> u32 {
        self.0.tries.load(Ordering::Relaxed)
    }
}

/// One request's line, before it is written. If it is dropped without being written, the client left before there was a
/// response, and the line says so.
#[derive(Debug)]
pub(crate) struct Line {
    began: Instant,
    id: Option<HeaderValue>,
    /// `None` if the listener refused the request and couldn't read it, as with `uri`.
    method: Option<Method>,
    uri: Option<Uri>,
    refused: Option<Refused>,
    client: Option<IpAddr>,
    journey: Journey,
    head: Option<Head>,
    bytes: u64,
    is_written: bool,
}

#[derive(Debug)]
struct Head {
    after: Duration,
    status: StatusCode,
    upstream: Option<Upstream>,
    error: Option<ErrorKind>,
}

impl Line {
    /// Begins the line of a request. `None` if the access log is turned off.
    pub(super) fn begin<B>(request: &mut Request<B>) -> Option<Self> {
        if !tracing::enabled!(target: "access", tracing::Level::INFO) {
            return None;
        }
        let journey = Journey::default();
        request.extensions_mut().insert(journey.clone());
        let extensions = request.extensions();
        let refused = extensions.get::<Refused>().copied();
        Some(Self {
            began: Instant::now(),
            id: request.headers().get(&X_REQUEST_ID).cloned(),
            method: refused.is_none_or(|refused| refused.is_method_known()).then(|| request.method().clone()),
            uri: refused.is_none_or(|refused| refused.is_target_known()).then(|| request.uri().clone()),
            refused,
            client: peer::client_ip(extensions),
            journey,
            head: None,
            bytes: 0,
            is_written: false,
        })
    }

    pub(super) fn head<B>(&mut self, response: &Response<B>) {
        let extensions = response.extensions();
        self.head = Some(Head {
            after: self.began.elapsed(),
            status: response.status(),
            upstream: extensions.get().cloned(),
            error: extensions.get().copied(),
        });
    }

    pub(super) fn count(&mut self, bytes: usize) {
        self.bytes += bytes as u64;
    }

    pub(super) fn complete(mut self) {
        self.write(self.head.as_ref().and_then(|head| head.error));
    }

    pub(super) fn client_gone(mut self) {
        self.write(Some(ErrorKind::ClientGone));
    }

    pub(super) fn broken(mut self, error: &(dyn Error + Send + Sync + 'static)) {
        let kind = ProxyError::find(error).map_or(ErrorKind::ProxyInternalError, ProxyError::kind);
        self.write(Some(kind));
    }

    fn write(&mut self, error: Option<ErrorKind>) {
        self.is_written = true;
        let head = self.head.as_ref();
        let upstream = head.and_then(|head| head.upstream.as_ref());
        let again = upstream.map_or(0, |upstream| upstream.tries().saturating_sub(1));
        let status = match error {
            Some(ErrorKind::ClientGone) => ErrorKind::ClientGone.status(),
            _ => head.map_or(StatusCode::OK, |head| head.status),
        };
        let fault = self.refused.map(|refused| refused.fault().as_str());
        tracing::info!(
            name: EVENT,
            target: "access",
            id = self.id.as_ref().and_then(|id| id.to_str().ok()),
            client = self.client.map(|ip| tracing::field::display(Address(ip))),
            method = self.method.as_ref().map(tracing::field::display),
            path = self.uri.as_ref().map(|uri| tracing::field::display(Escaped(uri.path()))),
            status = status.as_u16(),
            bytes = self.bytes,
            duration_us = micros(self.began.elapsed()),
            head_us = head.map(|head| micros(head.after)),
            route = self.journey.route(),
            upstream = upstream.map(|upstream| tracing::field::display(upstream.target())),
            tries = self.journey.tries() + again,
            error = fault.or(error.map(name_of)),
        );
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if !self.is_written {
            self.write(Some(ErrorKind::ClientGone));
        }
    }
}

/// The name of an error in a line, unless the listener's word for a refused request says more. RFC 9209's registry has no name for a client that left.
fn name_of(kind: ErrorKind) -> &'static str {
    if kind == ErrorKind::ClientGone { "client_gone" } else { kind.name() }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// An address, displayed as [`IpAddr`] does it, but faster for IPv4: the standard library pads each part.
struct Address(IpAddr);

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let IpAddr::V4(ip) = self.0 else { return self.0.fmt(f) };
        let [first, rest @ ..] = ip.octets();
        f.write_str(itoa::Buffer::new().format(first))?;
        rest.into_iter().try_for_each(|octet| {
            f.write_str(".")?;
            f.write_str(itoa::Buffer::new().format(octet))
        })
    }
}

/// A path that is safe in a log line: escaped to visible ASCII, and cut to 1 KiB.
struct Escaped<'a>(&'a str);

impl std::fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        const MOST: usize = 1024;
        let (shown, rest) = self.0.as_bytes().split_at(MOST.min(self.0.len()));
        write!(f, "{}{}", shown.escape_ascii(), if rest.is_empty() { "" } else { "..." })
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[test]
    fn addresses_and_paths_are_written_as_ever() {
        for ip in
            [Ipv4Addr::UNSPECIFIED, Ipv4Addr::LOCALHOST, Ipv4Addr::BROADCAST, Ipv4Addr::new(10, 99, 100, 9)]
        {
            for ip in [ip.into(), IpAddr::from(ip.to_ipv6_mapped())] {
                assert_eq!(Address(ip).to_string(), ip.to_string());
            }
        }
        let long = "x".repeat(1025);
        for (path, written) in [
            ("/a b", "/a b".to_owned()),
            ("/\"\\'\u{e9}\n", "/\\\"\\\\\\'\\xc3\\xa9\\n".to_owned()),
            (&long[1..], long[1..].to_owned()),
            (&long, long[1..].to_owned() + "..."),
        ] {
            assert_eq!(Escaped(path).to_string(), written);
        }
    }
}
