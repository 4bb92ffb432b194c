//! Takes a prefix off a path. The rest keeps its exact bytes.
//!
//! axum's own `nest_service` (0.8.9) removes one slash too many: `/api//x` would become `/x` instead of `//x`.

use axum::http::Uri;
use axum::http::uri::PathAndQuery;

/// Takes the first bytes off the path of a URI.
pub(super) fn take_off(prefix: usize, uri: &mut Uri) {
    if prefix == 0 {
        return;
    }
    if let Some(rest) = uri.path_and_query().and_then(|whole| rest(prefix, whole)) {
        let mut parts = std::mem::take(uri).into_parts();
        parts.path_and_query = Some(rest);
        *uri = Uri::from_parts(parts).expect("with another path, a URI's scheme and authority still fit");
    }
}

/// The path and query after the prefix. If there is no path left, it is a slash, since a URI can't have an empty path.
fn rest(prefix: usize, whole: &PathAndQuery) -> Option<PathAndQuery> {
    let rest = whole.as_str().get(prefix..)?;
    let rest = if rest.starts_with('/') { rest.to_owned() } else { ["/", rest].concat() };
    PathAndQuery::try_from(rest).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn not_a_byte_more() {
        for (whole, left) in [
            ("/api", "/"),
            ("/api/", "/"),
            ("/api//", "//"),
            ("/api//x", "//x"),
            ("/api?", "/?"),
            ("/api?a=/api", "/?a=/api"),
            ("/api/?", "/?"),
            ("/api/a%2Fb%zz;v//?x", "/a%2Fb%zz;v//?x"),
            ("/api/api/x", "/api/x"),
            ("http://shop.example/api/x?y", "http://shop.example/x?y"),
        ] {
            let mut uri = Uri::from_static(whole);
            take_off("/api".len(), &mut uri);
            assert_eq!(uri, left, "{whole}");
        }
    }
}
