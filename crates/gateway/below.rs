//! Takes a route's prefix off the path. The rest of the path keeps its exact bytes.

use std::sync::Arc;
use std::task::{Context, Poll};

use axum::http::uri::PathAndQuery;
use axum::http::{Request, Uri};
use tower::Service;

/// Passes requests on without the prefix that the router matched.
///
/// axum's own `nest_service` (0.8.9) removes one slash too many: `/api//x` would become `/x` instead of `//x`.
#[derive(Clone, Debug)]
pub(crate) struct Below<S> {
    prefix: Arc<str>,
    inner: S,
}

impl<S> Below<S> {
    pub(crate) fn new(prefix: &str, inner: S) -> Self {
        Self { prefix: prefix.into(), inner }
    }
}

impl<S: Service<Request<B>>, B> Service<Request<B>> for Below<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> S::Future {
        if let Some(rest) = request.uri().path_and_query().and_then(|whole| rest(whole, &self.prefix)) {
            let mut parts = std::mem::take(request.uri_mut()).into_parts();
            parts.path_and_query = Some(rest);
            *request.uri_mut() =
                Uri::from_parts(parts).expect("with another path, a URI's scheme and authority still fit");
        }
        self.inner.call(request)
    }
}

/// The path and query after the prefix. If there is no path left, it is a slash, since a URI can't have an empty path.
fn rest(whole: &PathAndQuery, prefix: &str) -> Option<PathAndQuery> {
    let rest = whole.as_str().strip_prefix(prefix)?;
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
        ] {
            let rest = rest(&PathAndQuery::from_static(whole), "/api");
            assert_eq!(rest.as_ref().map(PathAndQuery::as_str), Some(left), "{whole}");
        }
    }
}
