//! Fields that the gateway gives a request, and that its client would have removed again: the proxy removes what
//! `Connection` names (RFC 9110 §7.6.1).

use axum::http::header::CONNECTION;
use axum::http::{HeaderMap, HeaderName, HeaderValue};

/// Takes names out of `Connection`, so that these fields reach the upstream.
pub(crate) fn protect<'a>(headers: &mut HeaderMap, names: impl Iterator<Item = &'a HeaderName> + Clone) {
    if !headers.contains_key(CONNECTION) {
        return;
    }
    let is_protected =
        |token: &[u8]| names.clone().any(|name| name.as_str().as_bytes().eq_ignore_ascii_case(token));
    let lines = headers.get_all(CONNECTION).iter();
    let tokens = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b',')).map(<[u8]>::trim_ascii);
    let (protected, others): (Vec<&[u8]>, Vec<&[u8]>) = tokens.partition(|token| is_protected(token));
    if protected.is_empty() {
        return;
    }
    // What was a line is a line without some of its bytes.
    match HeaderValue::from_bytes(&others.join(b", ".as_slice())) {
        Ok(rest) if !rest.is_empty() => drop(headers.insert(CONNECTION, rest)),
        _ => drop(headers.remove(CONNECTION)),
    }
}
