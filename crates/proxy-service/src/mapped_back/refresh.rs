//! `Refresh`, which browsers know though no RFC does: `5; url=/there`.

use bytes::BytesMut;

use super::way::Way;
use super::which::References;

/// What the value becomes. None if it stays.
pub(super) fn mapped(way: &Way<'_>, value: &[u8], which: References) -> Option<BytesMut> {
    let (before, rest) = value.split_at_checked(begin(value)?)?;
    let end = match before.last() {
        Some(quote @ (b'"' | b'\'')) => rest.iter().position(|byte| byte == quote),
        _ => None,
    };
    let (url, after) = rest.split_at_checked(end.unwrap_or(rest.trim_ascii_end().len()))?;
    let url = way.reference(url, which)?;
    let mut whole = BytesMut::with_capacity(before.len() + url.len() + after.len());
    for part in [before, &url, after] {
        whole.extend_from_slice(part);
    }
    Some(whole)
}

/// Where the URL begins, behind its quote if it has one. None if there is no URL.
fn begin(value: &[u8]) -> Option<usize> {
    let seconds = value.iter().position(|byte| matches!(byte, b';' | b','))?;
    let mut rest = value.get(seconds + 1..)?.trim_ascii_start();
    let (name, behind) = rest.split_at_checked(3)?;
    if !name.eq_ignore_ascii_case(b"url") {
        return None;
    }
    rest = behind.trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let quoted = rest.strip_prefix(b"\"").or_else(|| rest.strip_prefix(b"'"));
    Some(value.len() - quoted.unwrap_or(rest).len())
}
