//! The target of a request as a [`Uri`] (RFC 9112 §3.2).

use bytes::Bytes;
use http::{Method, Uri};
use memchr::{memchr, memmem};

use super::parsed::Span;
use crate::Fault;

/// The longest that a [`Uri`] can be.
const LONGEST: usize = u16::MAX as usize - 1;

/// Reads the target.
///
/// # Errors
/// The target's [`Fault`].
pub(super) fn read(head: &Bytes, span: Span, method: &Method) -> Result<Uri, Fault> {
    let target = head.get(span.range()).unwrap_or_default();
    if memchr(b'#', target).is_some() {
        return Err(Fault::FragmentInTarget);
    }
    let uri = Uri::from_maybe_shared(head.slice(span.range())).or_else(|_| encoded(target))?;
    // Only the target of CONNECT may be in authority-form (§3.2.3).
    let is_authority = !target.starts_with(b"/") && uri.scheme().is_none() && uri.authority().is_some();
    if is_authority && method != Method::CONNECT { Err(Fault::InvalidTarget) } else { Ok(uri) }
}

/// Percent-encodes the bytes that a [`Uri`] can't hold but that other servers accept. RFC 3986 allows none of them in a
/// URI. Encoded, they mean the same.
fn encoded(target: &[u8]) -> Result<Uri, Fault> {
    let path = path_start(target);
    let query = memchr(b'?', target).unwrap_or(target.len());
    let mut encoded = Vec::with_capacity(target.len() + 16);
    for (at, byte) in target.iter().enumerate() {
        let is_refused = match byte {
            b'<' | b'>' => at >= path,
            b'`' => at >= path && at < query,
            b'"' => at > query,
            _ => false,
        };
        if is_refused {
            encoded.extend([b'%', hex(byte >> 4), hex(byte & 15)]);
        } else {
            encoded.push(*byte);
        }
    }
    if encoded.len() > LONGEST {
        return Err(Fault::TargetTooLong);
    }
    Uri::try_from(encoded).map_err(|_| Fault::InvalidTarget)
}

/// Where the path and query begin.
fn path_start(target: &[u8]) -> usize {
    let Some(authority) = memmem::find(target, b"://").map(|scheme| scheme + 3) else { return 0 };
    let rest = target.get(authority..).unwrap_or_default();
    rest.iter().position(|byte| matches!(byte, b'/' | b'?')).map_or(target.len(), |end| authority + end)
}

fn hex(digit: u8) -> u8 {
    match digit {
        0..10 => b'0' + digit,
        _ => b'A' + digit - 10,
    }
}
