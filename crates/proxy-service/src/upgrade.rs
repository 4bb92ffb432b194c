//! Upgrades (RFC 9110 §7.8): which are allowed, whether the upstream has agreed, and the start of the tunnel.

use std::time::Duration;

use http::header::{CONNECTION, HeaderMap, HeaderValue, UPGRADE};
use http::{StatusCode, response};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;

use crate::client::Switched;
use crate::error::{ErrorKind, ProxyError, Stage};
use crate::extended_connect::handshake::{self, Key};
use crate::headers::hop_by_hop;
use crate::headers::single::only;
use crate::tunnel::{self, Ends, OpenTunnel, Spoken, Tunnel};

/// The protocols that a client may switch to (RFC 9110 §7.8).
///
/// Each is given as it stands in `Upgrade`: a name, and a version if there is one, such as `websocket`, `tcp` (docker
/// attach and exec) or `SPDY/3.1` (kubectl). Letters match in either case. The default is `websocket` alone. Never
/// allow a version of HTTP, such as `h2c`: its requests would pass through the tunnel unseen by every layer.
///
/// A request for a WebSocket has to be a GET without a body. A request for another protocol may have any method and a
/// body, which is sent upstream before the first byte of the tunnel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upgrades(Vec<HeaderValue>);

impl Upgrades {
    /// No protocol.
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

pub(crate) fn is_websocket(protocol: &HeaderValue) -> bool {
    protocol.as_bytes().eq_ignore_ascii_case(b"websocket")
}

/// An upgrade that a client asked for.
#[derive(Debug)]
pub(crate) struct Upgrade {
    pub(crate) protocol: HeaderValue,
    pub(crate) client: OnUpgrade,
    /// The client asked with an extended CONNECT, so the gateway has to do a part of its handshake.
    pub(crate) key: Option<Key>,
}

impl Upgrade {
    /// Adds the headers with which the upstream is asked for it.
    pub(crate) fn add_to(&self, headers: &mut HeaderMap) {
        headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(UPGRADE, self.protocol.clone());
        if let Some(key) = &self.key {
            key.add_to(headers);
        }
    }

    fn is_accepted(&self, headers: &HeaderMap) -> bool {
        self.key.as_ref().is_none_or(|key| key.is_accepted(headers))
    }
}

/// Returns the protocol that the upstream agreed to, if it has agreed.
///
/// # Errors
/// `http_upgrade_failed` (502) for a 101 that the client did not ask for or that names another protocol, and for any
/// other 1xx: a client service must not return one. Also for a 2xx to an extended CONNECT, since the client would take
/// that for a tunnel.
pub(crate) fn check_agreed(
    head: &response::Parts,
    asked: Option<&Upgrade>,
) -> Result<Option<HeaderValue>, ProxyError> {
    if !head.status.is_informational() {
        let is_misleading = head.status.is_success() && asked.is_some_and(|asked| asked.key.is_some());
        return if is_misleading { Err(failed()) } else { Ok(None) };
    }
    let headers = &head.headers;
    let agreed =
        only(headers, UPGRADE).ok().flatten().filter(|_| head.status == StatusCode::SWITCHING_PROTOCOLS);
    match (asked, agreed) {
        (Some(asked), Some(agreed))
            if same(&asked.protocol, agreed)
                && hop_by_hop::connection_has(headers, "upgrade")
                && asked.is_accepted(headers) =>
        {
            Ok(Some(agreed.clone()))
        }
        _ => Err(failed()),
    }
}

/// The protocols that a 426 asks for, as far as they are `allowed`. It has to name them (RFC 9110 §15.5.22), though
/// `Upgrade` is for one connection.
pub(crate) fn required(headers: &HeaderMap, allowed: &Upgrades) -> Option<HeaderValue> {
    let lines = headers.get_all(UPGRADE).iter();
    let protocols =
        lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b',')).map(<[u8]>::trim_ascii);
    let is_allowed =
        |protocol: &[u8]| HeaderValue::from_bytes(protocol).is_ok_and(|name| allowed.allow(&name));
    let protocols: Vec<_> = protocols.filter(|protocol| is_allowed(protocol)).collect();
    HeaderValue::from_bytes(&protocols.join(&b", "[..])).ok().filter(|named| !named.is_empty())
}

/// Says in the head of an answer that these protocols may be switched to.
pub(crate) fn name(protocols: HeaderValue, headers: &mut HeaderMap) {
    headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(UPGRADE, protocols);
}

/// Starts the tunnel between client and upstream, and makes the head what the client takes for success: a 101 with its
/// two headers, or a 200 to an extended CONNECT.
///
/// # Errors
/// `http_upgrade_failed` (502) if the client service doesn't give access to the upstream's half.
pub(crate) fn join(
    asked: Upgrade,
    head: &mut response::Parts,
    protocol: HeaderValue,
    open: OpenTunnel,
    idle: Duration,
) -> Result<(), ProxyError> {
    let (tunnel, guards) = Tunnel::new();
    let ends = Ends { idle, open, guards };
    let spoken = if is_websocket(&protocol) { Spoken::WebSocket } else { Spoken::Other };
    if let Some(switched) = head.extensions.remove::<Switched>() {
        tokio::spawn(tunnel::run(asked.client, switched.stream(), spoken, ends));
    } else {
        let upstream = head.extensions.remove::<OnUpgrade>().ok_or_else(failed)?;
        let upstream = async { Ok(TokioIo::new(upstream.await?)) };
        tokio::spawn(tunnel::run(asked.client, upstream, spoken, ends));
    }
    head.extensions.insert(tunnel);
    if asked.key.is_some() {
        handshake::agree(head);
    } else {
        name(protocol, &mut head.headers);
    }
    Ok(())
}

fn failed() -> ProxyError {
    ProxyError::new(ErrorKind::HttpUpgradeFailed, Stage::Exchange)
}
