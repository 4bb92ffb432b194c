//! `Cookie` may have several lines over HTTP/2. Over HTTP/1 it must have one (RFC 9113 §8.2.3).

use bytes::BytesMut;
use http::header::{COOKIE, HeaderMap, HeaderValue};

/// Joins the lines of `Cookie` into one.
pub(super) fn join(headers: &mut HeaderMap) {
    let mut crumbs = headers.get_all(COOKIE).iter();
    let (Some(first), Some(_)) = (crumbs.next(), crumbs.next()) else { return };
    let mut line = BytesMut::from(first.as_bytes());
    for crumb in headers.get_all(COOKIE).iter().skip(1) {
        line.extend_from_slice(b"; ");
        line.extend_from_slice(crumb.as_bytes());
    }
    let line =
        HeaderValue::from_maybe_shared(line.freeze()).expect("header values and \"; \" make a header value");
    headers.insert(COOKIE, line);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crumbs_become_one_line_in_their_order() {
        for (crumbs, line) in [
            (&[][..], None),
            (&["a=1"], Some("a=1")),
            (&["a=1; b=2"], Some("a=1; b=2")),
            (&["a=1", "b=2", "c=\u{e9}"], Some("a=1; b=2; c=\u{e9}")),
        ] {
            let lines =
                crumbs.iter().map(|crumb| (COOKIE, HeaderValue::from_bytes(crumb.as_bytes()).unwrap()));
            let mut headers: HeaderMap = lines.collect();
            join(&mut headers);
            let joined: Vec<_> = headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes).collect();
            assert_eq!(joined, Vec::from_iter(line.map(str::as_bytes)), "{crumbs:?}");
        }
    }
}
