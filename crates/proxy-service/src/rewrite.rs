//! The upstream's URI, from the target and the path that the router left. The bytes are kept; nothing is decoded.

use bytes::{BufMut, BytesMut};
use http::uri::{InvalidUri, Parts, PathAndQuery, Uri};

use crate::error::ProxyError;
use crate::route::Remainder;
use crate::target::Target;

/// Puts the target's scheme, host and base path before the request's path and query.
///
/// The path has passed [`path::check`](crate::path::check).
///
/// # Errors
/// `http_request_error` (400) if there is no path.
pub(crate) fn uri(target: &Target, request: &Uri, remainder: Remainder) -> Result<Uri, ProxyError> {
    if !request.path().starts_with('/') {
        return Err(ProxyError::bad_request("the target is no path"));
    }
    let own = match request.path_and_query() {
        Some(own) => own.clone(),
        None => PathAndQuery::from_static("/"),
    };
    let joined = match target.base_path() {
        "" if own.as_str().starts_with('/') => own,
        // `http://a?q` has a query but no path: an empty path is sent as `/` (RFC 9112 §3.2.1).
        base => join(base, &own, remainder).map_err(ProxyError::bad_request)?,
    };
    let mut parts = Parts::default();
    parts.scheme = Some(target.scheme().clone());
    parts.authority = Some(target.authority().clone());
    parts.path_and_query = Some(joined);
    Uri::from_parts(parts).map_err(ProxyError::bad_request)
}

/// Joins with a slash, unless nothing is left of the path. A target in absolute form may have no slash of its own.
fn join(base: &str, own: &PathAndQuery, remainder: Remainder) -> Result<PathAndQuery, InvalidUri> {
    let slash = match remainder {
        Remainder::Nothing if own.path() == "/" => "",
        Remainder::Nothing | Remainder::Path => "/",
    };
    let own = own.as_str();
    let behind_slash = own.strip_prefix('/').unwrap_or(own);
    let mut joined = BytesMut::with_capacity(base.len() + slash.len() + behind_slash.len());
    joined.put_slice(base.as_bytes());
    joined.put_slice(slash.as_bytes());
    joined.put_slice(behind_slash.as_bytes());
    PathAndQuery::from_maybe_shared(joined.freeze())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rewritten(target: &str, request: &str) -> Result<String, u16> {
        rewritten_with(Remainder::Path, target, request)
    }

    fn rewritten_with(remainder: Remainder, target: &str, request: &str) -> Result<String, u16> {
        let target: Target = target.parse().unwrap();
        let request: Uri = request.parse().unwrap();
        crate::path::check(request.path()).map_err(|_| 400_u16)?;
        uri(&target, &request, remainder).map(|uri| uri.to_string()).map_err(|error| error.status().as_u16())
    }

    #[test]
    fn bytes_are_kept_and_joined_once() {
        for (target, request, expected) in [
            ("http://u:1", "/", "http://u:1/"),
            ("http://u:1", "/a%2Fb%25//c;v=1?x=%zz&&y", "http://u:1/a%2Fb%25//c;v=1?x=%zz&&y"),
            ("http://u:1", "/?", "http://u:1/?"),
            ("http://u:1", "/?b=2&a=1&a=0", "http://u:1/?b=2&a=1&a=0"),
            ("http://u:1", "//x", "http://u:1//x"),
            ("http://u:1/v1", "/", "http://u:1/v1/"),
            ("http://u:1/v1/", "/users", "http://u:1/v1/users"),
            ("http://u:1/v1", "/?x=1", "http://u:1/v1/?x=1"),
            ("http://u:1/v1", "//x", "http://u:1/v1//x"),
            ("http://u:1/v%2F1", "/%zz?", "http://u:1/v%2F1/%zz?"),
            ("http://u:1", "http://other/abs?q", "http://u:1/abs?q"),
            ("http://u:1/v1", "http://other?q", "http://u:1/v1/?q"),
        ] {
            assert_eq!(rewritten(target, request).as_deref(), Ok(expected), "{target} + {request}");
        }
    }

    #[test]
    fn a_target_without_a_path_gets_a_slash() {
        for (target, expected) in [("http://u:1", "/?q=1"), ("http://u:1/v1", "/v1/?q=1")] {
            let request = Uri::from_static("http://other?q=1");
            let rewritten = uri(&target.parse().unwrap(), &request, Remainder::Path).unwrap();
            assert_eq!(rewritten.path_and_query().map(PathAndQuery::as_str), Some(expected), "{target}");
        }
    }

    #[test]
    fn no_slash_where_nothing_is_left() {
        for (target, request, expected) in [
            ("http://u:1/v1", "/", "http://u:1/v1"),
            ("http://u:1/v1/", "/", "http://u:1/v1"),
            ("http://u:1/v1", "/?", "http://u:1/v1?"),
            ("http://u:1/v1", "/?x=/", "http://u:1/v1?x=/"),
            ("http://u:1/v1", "http://other?x", "http://u:1/v1?x"),
            ("http://u:1", "/", "http://u:1/"),
            ("http://u:1", "/?x", "http://u:1/?x"),
            ("http://u:1/v1", "/a", "http://u:1/v1/a"),
            ("http://u:1/v1", "//", "http://u:1/v1//"),
        ] {
            let rewritten = rewritten_with(Remainder::Nothing, target, request);
            assert_eq!(rewritten.as_deref(), Ok(expected), "{target} + {request}");
        }
    }

    #[test]
    fn nothing_climbs_above_the_base() {
        for request in ["/../x", "/%2e%2e/x", "/a/..%2f..", "/..;/x", "*"] {
            assert_eq!(rewritten("http://u:1/base", request), Err(400), "{request}");
        }
    }

    proptest! {
        #[test]
        fn base_and_the_same_bytes_or_400(base in "(/[a-z0-9%]{1,4}){0,2}", request in "/[!-~]{0,24}") {
            let (Ok(target), Ok(uri)) = (format!("http://u:1{base}").parse::<Target>(), request.parse::<Uri>())
            else { return Ok(()) };
            let own = uri.path_and_query().unwrap().as_str();
            match rewritten(&target.to_string(), own) {
                Ok(out) => prop_assert_eq!(out, format!("http://u:1{}{own}", target.base_path())),
                Err(status) => prop_assert_eq!(status, 400),
            }
            if let Ok(out) = rewritten_with(Remainder::Nothing, &target.to_string(), own) {
                let without = own.strip_prefix('/').filter(|_| uri.path() == "/" && target.base_path() != "");
                prop_assert_eq!(out, format!("http://u:1{}{}", target.base_path(), without.unwrap_or(own)));
            }
        }
    }
}
