//! Header hygiene, in the one order that is safe: strip what was meant for this hop or only we may say, then set what
//! the gateway owns. Set last, nothing that a client nominates in `Connection` can take it away again.

pub(crate) mod forwarded;
pub(crate) mod framing;
pub(crate) mod hop_by_hop;
pub(crate) mod host;
pub(crate) mod owned;
pub(crate) mod trailers;
pub(crate) mod via;

use http::header::{CONNECTION, EXPECT, HOST, HeaderMap, HeaderValue, TE, UPGRADE};
use http::request::Parts;
use http::{Method, response};

use crate::error::ProxyError;
use crate::inbound::Inbound;
use crate::layer::Settings;
use crate::route::RouteOptions;
use framing::BodyLength;

/// The headers that go upstream.
pub(crate) fn request(
    parts: &Parts,
    inbound: &Inbound,
    body: BodyLength,
    settings: &Settings,
) -> Result<HeaderMap, ProxyError> {
    let mut headers = parts.headers.clone();
    hop_by_hop::strip(&mut headers);
    owned::strip_aliases(&mut headers);
    settings.via.check_loop(&headers)?;

    let host = RouteOptions::host_of(parts, settings.host);
    headers.insert(HOST, host.choose(settings.target(), inbound.host.as_ref()));
    forwarded::rewrite(&mut headers, parts, inbound.host.as_ref(), &settings.forwarding);
    settings.via.append_to_request(&mut headers, parts.version);
    framing::set_request(&mut headers, &parts.method, body);
    if inbound.accepts_trailers {
        headers.insert(TE, HeaderValue::from_static("trailers"));
    }
    if !inbound.expects_continue {
        headers.remove(EXPECT);
    }
    if let Some(upgrade) = &inbound.upgrade {
        headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(UPGRADE, upgrade.protocol.clone());
    }
    Ok(headers)
}

/// Turns the upstream's headers into those that go to the client.
pub(crate) fn response(
    head: &mut response::Parts,
    asked_with: &Method,
    body: BodyLength,
    settings: &Settings,
) -> Result<(), ProxyError> {
    framing::check_response(&head.headers)?;
    hop_by_hop::strip(&mut head.headers);
    framing::set_response(&mut head.headers, asked_with, head.status, body)?;
    settings.via.append_to_response(&mut head.headers, head.version);
    Ok(())
}
