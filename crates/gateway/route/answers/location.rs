//! A `Location` that leads where a route says, and nowhere else.

use axum::http::HeaderValue;
use bytes::{Bytes, BytesMut};

use super::escape::escape;
use crate::config::RouteRedirect;
use crate::route::template::{self, Facts, Place};

/// Where a request is sent. `None` if no safe `Location` can be made of it.
pub(in crate::route) fn location(redirect: &RouteRedirect, facts: &Facts<'_>) -> Option<HeaderValue> {
    let mut target = BytesMut::new();
    template::write_target(&redirect.target, facts, &mut target);
    let origin = redirect.origin.as_ref().map(|origin| {
        let mut text = BytesMut::new();
        template::write(origin, facts, Place::Path, &mut text);
        text
    });
    leading_to(origin.as_deref(), &target)
}

/// Makes a `Location` that leads to this origin, or to the request's own, whatever the bytes of `target` are.
fn leading_to(origin: Option<&[u8]>, target: &[u8]) -> Option<HeaderValue> {
    let mut location = Vec::with_capacity(origin.map_or(0, <[u8]>::len) + target.len() + 1);
    // Browsers take a backslash for a slash, and what begins with two of them for another host.
    let target = match origin {
        Some(origin) => {
            is_origin(origin).then(|| location.extend_from_slice(origin))?;
            if !matches!(target.first(), None | Some(b'/' | b'?' | b'#')) {
                location.push(b'/');
            }
            target
        }
        None => {
            location.push(b'/');
            let slashes = target.iter().take_while(|byte| matches!(byte, b'/' | b'\\')).count();
            target.get(slashes..).unwrap_or_default()
        }
    };
    // `{path}?{query}` of a request without a query.
    escape(target.strip_suffix(b"?").unwrap_or(target), &mut location);
    HeaderValue::from_maybe_shared(Bytes::from(location)).ok()
}

/// Whether this is a scheme and an authority, and nothing that ends the authority early (RFC 3986 §3.2).
fn is_origin(origin: &[u8]) -> bool {
    let authority = origin.strip_prefix(b"https://").or_else(|| origin.strip_prefix(b"http://"));
    let may_stand = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~:[]".contains(byte);
    authority.is_some_and(|authority| {
        authority.first().is_some_and(|first| *first != b':') && authority.iter().all(may_stand)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(origin: Option<&str>, target: &str) -> Option<String> {
        let location = leading_to(origin.map(str::as_bytes), target.as_bytes())?;
        Some(location.to_str().unwrap().to_owned())
    }

    #[test]
    fn a_location_leads_to_its_origin() {
        for (origin, target, expected) in [
            (Some("https://a.example"), "/x?y", Some("https://a.example/x?y")),
            (Some("https://a.example:8443"), "", Some("https://a.example:8443")),
            (Some("https://[::1]"), "/x?", Some("https://[::1]/x")),
            (Some("https://a.example"), ".evil.example", Some("https://a.example/.evil.example")),
            (Some("https://a.example"), "@evil.example", Some("https://a.example/@evil.example")),
            (Some("https://a.example"), "//evil.example", Some("https://a.example//evil.example")),
            (Some("https://evil.example/.a.example"), "/", None),
            (Some("https://evil.example\\.a.example"), "/", None),
            (Some("https://me@a.example"), "/", None),
            (Some("https://a%2eexample"), "/", None),
            (Some("https://"), "/", None),
            (Some("https://:80"), "/", None),
            (Some("javascript://a.example"), "/", None),
            (None, "/x", Some("/x")),
            (None, "//evil.example", Some("/evil.example")),
            (None, "/\\evil.example", Some("/evil.example")),
            (None, "\\/\\evil.example/\\", Some("/evil.example/%5C")),
            (None, "https://evil.example", Some("/https://evil.example")),
            (None, "", Some("/")),
            (None, "/a\r\nset-cookie: x", Some("/a%0D%0Aset-cookie:%20x")),
            (None, "/é\"<>", Some("/%C3%A9%22%3C%3E")),
        ] {
            assert_eq!(made(origin, target).as_deref(), expected, "{origin:?} {target}");
        }
    }
}
