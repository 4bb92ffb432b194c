//! What happens to headers, in the only safe order: first remove what is hop-by-hop or forged, then set the gateway's
//! own. As those are set last, a client can't have them removed by naming them in `Connection`.

pub(crate) mod connection_bound;
mod cookies;
pub(crate) mod forwarded;
pub(crate) mod framing;
pub(crate) mod hop_by_hop;
pub(crate) mod host;
pub(crate) mod kinds;
mod max_forwards;
pub(crate) mod owned;
pub(crate) mod single;
pub(crate) mod spelling;
pub(crate) mod trailers;
pub(crate) mod via;

use http::header::{CONNECTION, EXPECT, HOST, HeaderMap, HeaderName, HeaderValue, TE};
use http::{Method, Version, response};
use http1::BodySize;

use crate::error::ProxyError;
use crate::inbound::Inbound;
use crate::peer::Peer;
use crate::received::Received;
use crate::settings::Settings;
use forwarded::Claims;
use hop_by_hop::HopByHop;
use kinds::Kinds;

static CLIENT_CERT: HeaderName = HeaderName::from_static("client-cert");
static X_FORWARDED_CLIENT_CERT: HeaderName = HeaderName::from_static("x-forwarded-client-cert");

/// The headers that go upstream.
pub(crate) fn request(
    received: Received<'_>,
    inbound: &Inbound,
    prefix: Option<HeaderValue>,
    body: BodySize,
    settings: &Settings,
) -> Result<HeaderMap, ProxyError> {
    let Received { parts, peer, route } = received;
    let mut headers = HeaderMap::with_capacity(parts.headers.len() + OURS);
    // `Host` should be the first field (RFC 9110 §7.2).
    let host = route.host_or(&settings.host);
    headers.append(HOST, host.choose(settings.target().host(), inbound.host.as_ref()));
    let claims = settings.forwarding.claims_of(peer);
    pass_on(received, inbound, claims, &mut headers);
    if inbound.has_via {
        settings.via.check_loop(&headers)?;
    }
    if parts.method == Method::OPTIONS {
        max_forwards::count_down(&mut headers, parts)?;
    }

    if let Some(certificate) = peer.and_then(Peer::certificate) {
        headers.append(CLIENT_CERT.clone(), certificate.client_cert.clone());
        headers.append(X_FORWARDED_CLIENT_CERT.clone(), certificate.x_forwarded_client_cert.clone());
    }
    let which = route.forwarded_headers_or(settings.forwarding.headers);
    forwarded::rewrite(&mut headers, peer, prefix, inbound.host.as_ref(), (claims, which));
    settings.via.append_to_request(&mut headers, parts.version);
    framing::set_request(&mut headers, &parts.method, body);
    if let Some(upgrade) = &inbound.upgrade {
        upgrade.add_to(&mut headers);
    }
    if inbound.accepts_trailers {
        headers.insert(TE, HeaderValue::from_static("trailers"));
        // `TE` is for one hop, and has to say so (RFC 9110 §10.1.4).
        let options = if inbound.upgrade.is_some() { "upgrade, te" } else { "te" };
        headers.insert(CONNECTION, HeaderValue::from_static(options));
    }
    Ok(headers)
}

/// Copies the client's headers that go upstream, except for `Host`. They are copied because the request must stay whole
/// in case this one isn't sent.
fn pass_on(received: Received<'_>, inbound: &Inbound, claims: Claims, headers: &mut HeaderMap) {
    let Received { parts, route, .. } = received;
    let hop_by_hop = if inbound.has_connection { HopByHop::of(&parts.headers) } else { HopByHop::default() };
    let passes = |name: &HeaderName| {
        !(*name == HOST
            || hop_by_hop.has(name)
            || owned::is_alias(name)
            || owned::is_certificate(name)
            || claims == Claims::Dropped && owned::is_claim(name) && !route.claims_itself(name)
            || !inbound.expects_continue && *name == EXPECT)
    };
    for (name, value) in parts.headers.iter().filter(|(name, _)| passes(name)) {
        headers.append(name, value.clone());
    }
    if parts.version == Version::HTTP_2 {
        cookies::join(headers);
    }
}

/// How many headers the gateway usually adds.
const OURS: usize = 7;

/// Turns the upstream's headers into those for the client.
pub(crate) fn response(
    head: &mut response::Parts,
    kinds: Kinds,
    asked_with: &Method,
    body: BodySize,
    settings: &Settings,
) -> Result<(), ProxyError> {
    // `Transfer-Encoding` is a hop-by-hop header, so without any there is no coding to check.
    if kinds.hop_by_hop {
        framing::check_response(&head.headers)?;
        hop_by_hop::strip(&mut head.headers);
    }
    framing::set_response(&mut head.headers, asked_with, head.status, body)?;
    settings.via.append_to_response(&mut head.headers, head.version);
    Ok(())
}
