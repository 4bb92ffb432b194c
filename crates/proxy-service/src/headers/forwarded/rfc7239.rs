//! `Forwarded` (RFC 7239).

use bytes::BytesMut;
use http::header::{FORWARDED, HeaderMap, HeaderValue};
use http::uri::Scheme;

use super::hop::parse_hop;
use super::names::{X_FORWARDED_FOR, X_FORWARDED_HOST, X_FORWARDED_PROTO};
use crate::headers::host;
use crate::peer::Peer;

/// Appends what is known of the peer to what it says itself, if that is kept. `headers` has what it says.
///
/// A peer that says it in `X-Forwarded-*` alone has that put into the form of `Forwarded` (RFC 7239 §7.4). What can't be
/// added to is left out: behind a quote that doesn't end, the new element would be a part of an old one.
pub(super) fn value(headers: &HeaderMap, peer: &Peer, host: Option<&HeaderValue>) -> Option<HeaderValue> {
    let mut list = BytesMut::new();
    match headers.contains_key(FORWARDED) {
        true if can_be_added_to(headers) => {
            for line in headers.get_all(FORWARDED) {
                list.extend_from_slice(line.as_bytes());
                list.extend_from_slice(b", ");
            }
        }
        true => {}
        false => put_converted(headers, &mut list),
    }
    put_node(peer.ip_value().as_bytes(), &mut list);
    let proto = if *peer.scheme() == Scheme::HTTPS { "https" } else { "http" };
    put_host_and_proto(host.map(HeaderValue::as_bytes), Some(proto), &mut list);
    HeaderValue::from_maybe_shared(list.freeze()).ok()
}

/// Whether each quoted text in it ends. With a backslash in it, readers may differ on that.
fn can_be_added_to(headers: &HeaderMap) -> bool {
    let ends = |line: &HeaderValue| line.as_bytes().iter().filter(|byte| **byte == b'"').count() % 2 == 0;
    headers.get_all(FORWARDED).iter().all(|line| !line.as_bytes().contains(&b'\\') && ends(line))
}

/// The hops of `X-Forwarded-For`. The first one is the client, of which the other two fields tell.
fn put_converted(headers: &HeaderMap, list: &mut BytesMut) {
    let lines = headers.get_all(&X_FORWARDED_FOR).iter();
    let hops = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b',')).map(<[u8]>::trim_ascii);
    let hops = hops.filter(|hop| !hop.is_empty());
    for (index, hop) in hops.enumerate() {
        match parse_hop(hop) {
            Some(ip) => put_node(ip.to_string().as_bytes(), list),
            None => put_node(b"unknown", list),
        }
        if index == 0 {
            let told = headers.get(&X_FORWARDED_HOST).map(HeaderValue::as_bytes);
            let proto = headers.get(&X_FORWARDED_PROTO).map(HeaderValue::as_bytes);
            let proto = ["http", "https"].into_iter().find(|known| proto == Some(known.as_bytes()));
            put_host_and_proto(told, proto, list);
        }
        list.extend_from_slice(b", ");
    }
}

/// An IPv6 address has brackets, and needs quotes for them (RFC 7239 §6).
fn put_node(ip: &[u8], list: &mut BytesMut) {
    let (before, after): (&[u8], &[u8]) = if ip.contains(&b':') { (b"\"[", b"]\"") } else { (b"", b"") };
    for part in [b"for=", before, ip, after] {
        list.extend_from_slice(part);
    }
}

/// A host stands in quotes, which it needs if it has a port. A valid one has nothing in it that could end them.
fn put_host_and_proto(host: Option<&[u8]>, proto: Option<&str>, list: &mut BytesMut) {
    if let Some(host) = host.filter(|host| host::is_valid(host)) {
        for part in [b";host=\"".as_slice(), host, b"\""] {
            list.extend_from_slice(part);
        }
    }
    if let Some(proto) = proto {
        list.extend_from_slice(b";proto=");
        list.extend_from_slice(proto.as_bytes());
    }
}
