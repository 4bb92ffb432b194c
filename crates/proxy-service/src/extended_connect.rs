//! WebSockets over HTTP/2 (RFC 8441). The client sends an extended CONNECT; the upstream gets an upgrade of HTTP/1.1.
//!
//! Over HTTP/2 there is no `Sec-WebSocket-Key`, and success is a 200. So the gateway makes the key, checks the upstream's
//! answer to it, and turns the 101 into a 200.

pub(crate) mod handshake;

use http::request::Parts;
use http::{HeaderValue, Method};
use hyper::ext::Protocol;
use hyper::upgrade::OnUpgrade;

use self::handshake::Key;
use crate::error::{ErrorKind, ProxyError, Stage};
use crate::upgrade::{Upgrade, Upgrades};

const WEBSOCKET: &str = "websocket";

/// Whether a CONNECT may be forwarded, as far as its head tells.
///
/// # Errors
/// - `http_request_error` (405) without `:protocol`.
/// - `http_upgrade_failed` (501) for another protocol than `websocket` (RFC 9220 section 3 has the status).
pub(crate) fn check(protocol: Option<&Protocol>) -> Result<(), ProxyError> {
    match protocol {
        None => Err(ProxyError::new(ErrorKind::MethodNotAllowed, Stage::Request)),
        Some(protocol) if protocol.as_str().eq_ignore_ascii_case(WEBSOCKET) => Ok(()),
        Some(_) => Err(unavailable("a CONNECT for another protocol than a WebSocket")),
    }
}

/// The upgrade that an extended CONNECT asks for.
///
/// # Errors
/// Those of [`check`], and `http_upgrade_failed` (501) if WebSockets aren't allowed, or the server offers no tunnel.
pub(crate) fn upgrade(parts: &Parts, upgrades: &Upgrades) -> Result<Upgrade, ProxyError> {
    check(parts.extensions.get())?;
    let protocol = HeaderValue::from_static(WEBSOCKET);
    if !upgrades.allow(&protocol) {
        return Err(unavailable("the route allows no WebSockets"));
    }
    let client =
        parts.extensions.get::<OnUpgrade>().ok_or_else(|| unavailable("the server has no tunnels"))?;
    Ok(Upgrade { protocol, client: client.clone(), key: Some(Key::new()) })
}

fn unavailable(reason: &'static str) -> ProxyError {
    ProxyError::new(ErrorKind::UpgradeUnavailable, Stage::Request).because(reason)
}

/// The method with which the upstream is asked.
pub(crate) fn method_for_upstream(method: &Method) -> &Method {
    if method == Method::CONNECT { &Method::GET } else { method }
}
