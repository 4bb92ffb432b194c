//! `Set-Cookie` (RFC 6265 §4.1): `Domain` and `Path` are those of the upstream.

use std::net::Ipv4Addr;

use bytes::BytesMut;

use super::way::{Way, host_alone};
use super::which::References;

/// What the value becomes. None if it stays.
pub(super) fn mapped(way: &Way<'_>, value: &[u8], which: References) -> Option<BytesMut> {
    if which == References::Kept || is_bound_to_the_root(value) {
        return None;
    }
    let mut whole = BytesMut::with_capacity(value.len());
    let mut is_changed = false;
    for (index, attribute) in value.split(|byte| *byte == b';').enumerate() {
        let change = if index == 0 { Change::None } else { change(way, attribute, which) };
        is_changed |= !matches!(change, Change::None);
        if matches!(change, Change::Gone) {
            continue;
        }
        if index > 0 {
            whole.extend_from_slice(b";");
        }
        match change {
            Change::To(name, value) => {
                whole.extend_from_slice(name);
                whole.extend_from_slice(&value);
            }
            Change::None | Change::Gone => whole.extend_from_slice(attribute),
        }
    }
    is_changed.then_some(whole)
}

/// Browsers take a cookie of such a name only with `Path=/` and without `Domain`.
fn is_bound_to_the_root(value: &[u8]) -> bool {
    const PREFIX: &[u8] = b"__Host-";
    value.trim_ascii_start().get(..PREFIX.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(PREFIX))
}

/// What becomes of an attribute.
enum Change<'a> {
    None,
    /// Its name with all that stands before the value, and the new value.
    To(&'a [u8], BytesMut),
    Gone,
}

fn change<'a>(way: &Way<'_>, attribute: &'a [u8], which: References) -> Change<'a> {
    let Some(equals) = attribute.iter().position(|byte| *byte == b'=') else { return Change::None };
    let Some((name, value)) = attribute.split_at_checked(equals + 1) else { return Change::None };
    let (named, value) = (name.strip_suffix(b"=").unwrap_or(name).trim_ascii(), value.trim_ascii());
    if named.eq_ignore_ascii_case(b"path") {
        return path(way, value, which).map_or(Change::None, |path| Change::To(name, path));
    }
    if named.eq_ignore_ascii_case(b"domain") && way.is_on(value.strip_prefix(b".").unwrap_or(value)) {
        // Without a domain it is the host's alone that the client asked for, as it has to be for an address.
        return domain(way).map_or(Change::Gone, |domain| Change::To(name, domain));
    }
    Change::None
}

fn path(way: &Way<'_>, path: &[u8], which: References) -> Option<BytesMut> {
    if !path.starts_with(b"/") || which == References::Target && way.has_no_path_of_its_own() {
        return None;
    }
    if path == b"/" && way.has_no_path_of_its_own() && !way.outside.prefix.is_empty() {
        // A slash at its end would keep the cookie from the prefix itself (RFC 6265 §5.1.4).
        return Some(way.outside.prefix.clone());
    }
    way.path(path)
}

fn domain(way: &Way<'_>) -> Option<BytesMut> {
    let host = host_alone(way.outside.host.as_ref()?)?;
    let is_address = host.starts_with(b"[") || std::str::from_utf8(host).ok()?.parse::<Ipv4Addr>().is_ok();
    (!is_address).then(|| BytesMut::from(host))
}
