//! The header fields in which a service is told who the client is. Only guards set them.

use http::header::{CONNECTION, HeaderMap, HeaderName, HeaderValue};

/// Removes what a client has sent in these fields, and in other spellings of their names: backends that pass fields on as
/// variables (CGI, WSGI, PHP) take `X_User` for `X-User`.
pub(super) fn remove(headers: &mut HeaderMap, names: &[HeaderName]) {
    if names.is_empty() {
        return;
    }
    let is_one = |key: &HeaderName| names.iter().any(|name| folds_to(key, name));
    while let Some(found) = headers.keys().find(|key| is_one(key)).cloned() {
        headers.remove(found);
    }
}

/// Sets these fields. A client can't have one removed by naming it in `Connection` (RFC 9110 §7.6.1).
pub(super) fn set(headers: &mut HeaderMap, fields: Vec<(HeaderName, HeaderValue)>) {
    if fields.is_empty() {
        return;
    }
    let is_field =
        |option: &[u8]| fields.iter().any(|(name, _)| option.eq_ignore_ascii_case(name.as_str().as_bytes()));
    keep_in_connection(headers, |option| !is_field(option));
    for (name, value) in fields {
        headers.append(name, value);
    }
}

/// Removes those of the options of `Connection` that aren't to be kept.
fn keep_in_connection(headers: &mut HeaderMap, keep: impl Fn(&[u8]) -> bool) {
    let lines = headers.get_all(CONNECTION);
    let options =
        || lines.iter().flat_map(|line| line.as_bytes().split(|byte| *byte == b',').map(<[u8]>::trim_ascii));
    if options().all(&keep) {
        return;
    }
    let kept = options().filter(|option| keep(option)).collect::<Vec<_>>().join(&b", "[..]);
    match HeaderValue::from_bytes(&kept) {
        Ok(kept) if !kept.is_empty() => drop(headers.insert(CONNECTION, kept)),
        _ => drop(headers.remove(CONNECTION)),
    }
}

fn folds_to(alias: &HeaderName, name: &HeaderName) -> bool {
    let (alias, name) = (alias.as_str().as_bytes(), name.as_str().as_bytes());
    alias.len() == name.len() && alias.iter().zip(name).all(|(a, b)| fold(*a) == fold(*b))
}

fn fold(byte: u8) -> u8 {
    if byte.is_ascii_alphanumeric() { byte } else { b'_' }
}

#[cfg(test)]
mod tests {
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
