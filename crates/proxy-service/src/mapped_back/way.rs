//! The way back from an upstream's references to the client's.

use bytes::BytesMut;
use http::HeaderValue;

use super::outside::Outside;
use super::which::References;
use crate::headers::host::HostPolicy;
use crate::prefix::TakenOff;
use crate::received::Received;
use crate::settings::Settings;
use crate::target::Target;

/// Both sides of an upstream, for one request.
#[derive(Debug)]
pub(super) struct Way<'a> {
    target: &'a Target,
    /// Another host by which the upstream was called.
    name: Option<&'a str>,
    /// What a layer in front has put before the path, behind the target's base path.
    put_before: &'a str,
    pub(super) outside: Outside,
}

impl<'a> Way<'a> {
    pub(super) fn of(received: Received<'a>, settings: &'a Settings) -> Self {
        let TakenOff { prefix, .. } = TakenOff::of(received, &settings.original_uri);
        let claims = settings.forwarding.claims_of(received.peer);
        let outside = Outside::of(received, claims, prefix.as_ref());
        // If the client asked for this very name, the upstream may mean what is outside.
        let is_asked_for = |name: &str| outside.host.as_ref().is_some_and(|host| *host == *name);
        let name = match received.route.host_or(&settings.host) {
            HostPolicy::Name(name) => Some(name.as_str()).filter(|name| !is_asked_for(name)),
            HostPolicy::Target | HostPolicy::Preserve => None,
        };
        Self { target: settings.target(), name, put_before: received.route.path_put_before(), outside }
    }

    /// What a reference becomes. None if it stays.
    pub(super) fn reference(&self, reference: &[u8], which: References) -> Option<BytesMut> {
        if which == References::Kept {
            return None;
        }
        let (scheme, rest) = match reference {
            [b'/', b'/', rest @ ..] => (None, rest),
            [b'/', ..] => return self.path_alone(reference, which),
            _ => {
                let colon = reference.windows(3).position(|window| window == b"://")?;
                (Some(reference.get(..colon)?), reference.get(colon + 3..)?)
            }
        };
        let end = rest.iter().position(|byte| matches!(byte, b'/' | b'?' | b'#')).unwrap_or(rest.len());
        let (authority, path) = rest.split_at_checked(end)?;
        if !scheme.is_none_or(|scheme| scheme.eq_ignore_ascii_case(self.target.scheme().as_str().as_bytes()))
            || !self.is_named_by(authority)
        {
            return None;
        }
        let path = self.path(path)?;
        self.with_authority(scheme.is_some(), &path)
            .or_else(|| is_one_without_authority(&path).then_some(path))
    }

    fn path_alone(&self, path: &[u8], which: References) -> Option<BytesMut> {
        if which == References::Target && self.has_no_path_of_its_own() {
            return None;
        }
        let path = self.path(path)?;
        if is_one_without_authority(&path) { Some(path) } else { self.with_authority(true, &path) }
    }

    /// None if it isn't known what the client asked for.
    fn with_authority(&self, with_scheme: bool, path: &[u8]) -> Option<BytesMut> {
        let (scheme, host) = (self.outside.scheme?, self.outside.host.as_ref()?);
        let mut whole = BytesMut::with_capacity(scheme.len() + host.len() + path.len() + 3);
        if with_scheme {
            whole.extend_from_slice(scheme.as_bytes());
            whole.extend_from_slice(b":");
        }
        for part in [b"//", host.as_bytes(), path] {
            whole.extend_from_slice(part);
        }
        Some(whole)
    }

    /// What a path of the upstream is outside, with everything behind it. None if it isn't below what is put before each
    /// path.
    pub(super) fn path(&self, path: &[u8]) -> Option<BytesMut> {
        let below = path.strip_prefix(self.target.base_path().as_bytes())?;
        let below = below.strip_prefix(self.put_before.as_bytes())?;
        if !matches!(below, [] | [b'/' | b'?' | b'#', ..]) {
            return None;
        }
        let prefix = &self.outside.prefix;
        let mut whole = BytesMut::with_capacity(prefix.len() + below.len() + 1);
        whole.extend_from_slice(prefix);
        if prefix.is_empty() && !below.starts_with(b"/") {
            whole.extend_from_slice(b"/");
        }
        whole.extend_from_slice(below);
        Some(whole)
    }

    /// Whether nothing is put before a path, so that a path says nothing of the upstream.
    pub(super) fn has_no_path_of_its_own(&self) -> bool {
        self.target.base_path().is_empty() && self.put_before.is_empty()
    }

    /// Whether this is the target's authority, or what else it was called by.
    fn is_named_by(&self, authority: &[u8]) -> bool {
        let default = self.target.port_by_default();
        let named = host_and_port(authority, default);
        let names = std::iter::once(self.target.authority().as_str()).chain(self.name);
        named.is_some_and(|(host, port)| {
            names
                .into_iter()
                .filter_map(|name| host_and_port(name.as_bytes(), default))
                .any(|(own, own_port)| own.eq_ignore_ascii_case(host) && own_port == port)
        })
    }

    /// Whether this is the host of the target, or what else it was called by.
    pub(super) fn is_on(&self, host: &[u8]) -> bool {
        let names = std::iter::once(self.target.authority().as_str()).chain(self.name);
        let hosts = names.into_iter().filter_map(|name| host_and_port(name.as_bytes(), 0));
        hosts.into_iter().any(|(own, _)| own.eq_ignore_ascii_case(host))
    }
}

/// Whether a path means the same alone. Behind two slashes, a browser looks for an authority.
fn is_one_without_authority(path: &[u8]) -> bool {
    !matches!(path, [b'/', b'/' | b'\\', ..])
}

/// The host that a client asked for, without its port.
pub(super) fn host_alone(host: &HeaderValue) -> Option<&[u8]> {
    host_and_port(host.as_bytes(), 0).map(|(host, _)| host)
}

/// None if there is something else in it.
fn host_and_port(authority: &[u8], default: u16) -> Option<(&[u8], u16)> {
    match authority.iter().rposition(|byte| *byte == b':') {
        Some(colon) if !authority.ends_with(b"]") => {
            let (host, port) = authority.split_at_checked(colon)?;
            let port = std::str::from_utf8(port.get(1..)?).ok()?;
            let port = if port.is_empty() { default } else { port.parse().ok()? };
            Some((host, port))
        }
        _ => Some((authority, default)),
    }
}
