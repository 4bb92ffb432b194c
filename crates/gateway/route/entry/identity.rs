//! The header fields in which a service is told who the client is. Only guards set them.

use http::header::{COOKIE, HeaderMap, HeaderName, HeaderValue};
use proxy_service::reads_alike;

use crate::cookies;
use crate::route::headers::{protect, remove_where};

/// Removes what a client has sent in these fields, and in other spellings of their names.
pub(super) fn remove(headers: &mut HeaderMap, names: &[HeaderName]) {
    if names.is_empty() {
        return;
    }
    remove_where(headers, |key| names.iter().any(|name| reads_alike(key, name)));
}

/// Sets these fields. A client can't have one removed by naming it in `Connection` (RFC 9110 §7.6.1).
pub(super) fn set(headers: &mut HeaderMap, fields: Vec<(HeaderName, HeaderValue)>) {
    protect(headers, fields.iter().map(|(name, _)| name));
    for (name, value) in fields {
        match name == COOKIE {
            true => cookies::add(headers, value),
            false => drop(headers.append(name, value)),
        }
    }
}

#[cfg(test)]
mod tests {
    use http::header::CONNECTION;

    use super::*;

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        lines
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect()
    }

    const X_USER: HeaderName = HeaderName::from_static("x-user");

    #[test]
    fn a_client_cannot_set_them_in_any_spelling() {
        let mut sent =
            headers(&[("x-user", "a"), ("x_user", "b"), ("x.user", "c"), ("x-users", "d"), ("xuser", "e")]);
        sent.append("x!user", HeaderValue::from_static("g"));
        sent.append(X_USER, HeaderValue::from_static("f"));
        remove(&mut sent, &[X_USER]);
        assert_eq!(sent, headers(&[("x-users", "d"), ("xuser", "e")]));
    }

    #[test]
    fn nor_have_them_removed() {
        for (connection, kept) in [
            (&b"x-user"[..], None),
            (b"close, X-User", Some(&b"close"[..])),
            (b"x-user,upgrade , x-user, te", Some(b"upgrade, te")),
            (b"x-user, \xff", Some(b"\xff")),
            (b"close", Some(b"close")),
            (b"x-users", Some(b"x-users")),
        ] {
            let mut sent = HeaderMap::new();
            sent.append(CONNECTION, HeaderValue::from_bytes(connection).unwrap());
            set(&mut sent, vec![(X_USER, HeaderValue::from_static("ann"))]);
            assert_eq!(sent.get(CONNECTION).map(HeaderValue::as_bytes), kept);
            assert_eq!(sent["x-user"], "ann");
        }
        let mut sent = headers(&[("connection", "x-user")]);
        sent.append(CONNECTION, HeaderValue::from_static("close"));
        set(&mut sent, vec![(X_USER, HeaderValue::from_static("ann"))]);
        assert_eq!(sent.get_all(CONNECTION).iter().collect::<Vec<_>>(), ["close"]);
    }
}
