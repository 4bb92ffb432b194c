//! Upgrades (RFC 9110 §7.8): which are allowed, and joining the two halves once the upstream has agreed.

use std::time::Duration;

use http::header::{CONNECTION, HeaderValue, UPGRADE};
use http::{StatusCode, response};
use hyper::upgrade::OnUpgrade;

use crate::error::{ErrorKind, ProxyError, Stage};
use crate::headers::hop_by_hop;
use crate::headers::single::only;
use crate::tunnel::{self, Tunnel, Tunnels};

/// The protocols that a client may switch to, as they stand in `Upgrade` (RFC 9110 §7.8): a name, and a version where there is
/// one, such as `websocket`, `tcp` (docker attach and exec) or `SPDY/3.1` (kubectl). Compared without regard to case. The default
/// is `websocket` alone: a version of HTTP, such as `h2c`, would open a way around every layer.
///
/// A request for a WebSocket is a GET without a body; for other protocols it may have any method, and a body, which goes
/// upstream before anything else does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upgrades(Vec<HeaderValue>);

impl Upgrades {
    /// None at all.
    pub fn none() -> Self {
        Self(Vec::new())
    }

    /// These protocols, by the names that stand in `Upgrade`.
    pub fn only(protocols: impl IntoIterator<Item = HeaderValue>) -> Self {
        Self(protocols.into_iter().collect())
    }

    pub(crate) fn allow(&self, protocol: &HeaderValue) -> bool {
        self.0.iter().any(|allowed| same(allowed, protocol))
    }
}

impl Default for Upgrades {
    fn default() -> Self {
        Self(vec![HeaderValue::from_static("websocket")])
    }
}

fn same(one: &HeaderValue, other: &HeaderValue) -> bool {
    one.as_bytes().eq_ignore_ascii_case(other.as_bytes())
}

/// An upgrade that a client asked for: the protocol, and the client's half of the tunnel.
#[derive(Debug)]
pub(crate) struct Upgrade {
    pub(crate) protocol: HeaderValue,
    pub(crate) client: OnUpgrade,
}

/// # Errors
/// `http_upgrade_failed` (502) for a 101 that wasn't asked for, or that names another protocol, and for an interim
/// response that a client service takes for the answer.
pub(crate) fn check_agreed(
    head: &response::Parts,
    asked: Option<&Upgrade>,
) -> Result<HeaderValue, ProxyError> {
    let headers = &head.headers;
    let agreed =
        only(headers, UPGRADE).ok().flatten().filter(|_| head.status == StatusCode::SWITCHING_PROTOCOLS);
    match (asked, agreed) {
        (Some(asked), Some(agreed))
            if same(&asked.protocol, agreed) && hop_by_hop::connection_has(headers, "upgrade") =>
        {
            Ok(agreed.clone())
        }
        _ => Err(failed()),
    }
}

/// Spawns the tunnel between the client and the upstream, and puts the two headers that a 101 needs into its head.
///
/// # Errors
/// `http_upgrade_failed` (502) when the client service gives no access to the upstream's half.
pub(crate) fn join(
    asked: Upgrade,
    head: &mut response::Parts,
    protocol: HeaderValue,
    tunnels: &Tunnels,
    idle: Duration,
) -> Result<(), ProxyError> {
    let upstream = head.extensions.remove::<OnUpgrade>().ok_or_else(failed)?;
    let (tunnel, guards) = Tunnel::new();
    tokio::spawn(tunnel::run(asked.client, upstream, idle, tunnels.open(), guards));
    head.extensions.insert(tunnel);
    head.headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    head.headers.insert(UPGRADE, protocol);
    Ok(())
}

fn failed() -> ProxyError {
    ProxyError::new(ErrorKind::HttpUpgradeFailed, Stage::Exchange)
}
