//! A request's target and method as they came.

use axum::body::Body;
use axum::http::{Method, Request, Uri};

use super::matching::Captures;

/// The target of a request as it came, before anything was taken off or rewritten: an extension of requests whose route
/// needs it.
///
/// axum's `nest_service` takes the prefix off before the layers of a route see the request. So that `{path}` and `{uri}`
/// are what the client sent, and upstreams are told the prefix, [`keep`](Self::keep) it around the router:
///
/// ```
/// use axum::{Router, middleware::map_request};
/// use gateway::route::Original;
/// use proxy_service::{CatchErrorLayer, ProxyLayer, Target, client};
/// use tower::ServiceBuilder;
///
/// let target: Target = "http://127.0.0.1:9001".parse()?;
/// let api = ServiceBuilder::new()
///     .layer(CatchErrorLayer::new())
///     .layer(ProxyLayer::new(target).original_uri(Original::uri))
///     .service(client());
/// let app: Router = Router::new().nest_service("/api", api).layer(map_request(Original::keep));
/// # Ok::<(), proxy_service::InvalidTarget>(())
/// ```
#[derive(Clone, Debug)]
pub struct Original {
    uri: Uri,
    captures: Captures,
    /// How many bytes of the path are the prefix of the route.
    prefix: usize,
}

/// The method of a request as it came, if its route has changed it: an extension.
#[derive(Clone, Debug)]
pub(super) struct OriginalMethod(pub(super) Method);

impl Original {
    /// The target of a request that nothing was taken off yet.
    pub fn of(uri: &Uri) -> Self {
        Self { uri: uri.clone(), captures: Captures::default(), prefix: 0 }
    }

    /// The request, with its target as an extension.
    pub async fn keep(mut request: Request<Body>) -> Request<Body> {
        let original = Self::of(request.uri());
        request.extensions_mut().insert(original);
        request
    }

    /// The same, with what the names of the route's pattern have captured of the path.
    #[must_use]
    pub fn capturing(self, captures: Captures) -> Self {
        Self { captures, ..self }
    }

    /// The same, of which the first bytes of the path are the prefix of the route.
    #[must_use]
    pub fn below(self, prefix: usize) -> Self {
        Self { prefix, ..self }
    }

    /// Whether the path is the prefix of the route and nothing more, not even a slash.
    pub fn is_prefix_alone(&self) -> bool {
        let path = self.path();
        self.prefix > 0 && self.prefix == path.len() && !path.ends_with('/')
    }

    /// All of it.
    pub fn uri(&self) -> &Uri {
        &self.uri
    }

    /// The path, with the bytes that the client sent.
    pub fn path(&self) -> &str {
        self.uri.path()
    }

    /// What the route's name with this index has captured: bytes of the path as the client sent them. Empty if there is no
    /// such name.
    pub fn capture(&self, index: usize) -> &str {
        self.captures.of(self.path(), index).unwrap_or_default()
    }

    /// The query, with the bytes that the client sent.
    pub fn query(&self) -> Option<&str> {
        self.uri.query()
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::http::Response;
    use axum::middleware::map_request;
    use tower::{ServiceExt, service_fn};

    use super::*;

    #[tokio::test]
    async fn what_a_nest_takes_off_is_kept_around_it() {
        let inner = service_fn(async |request: Request<Body>| {
            let original = request.extensions().get().map_or("", Original::path);
            Ok(Response::new(Body::from(format!("{original} {}", request.uri().path()))))
        });
        let app: Router = Router::new().nest_service("/api", inner).layer(map_request(Original::keep));
        let answer = app.oneshot(Request::get("/api/x").body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(axum::body::to_bytes(answer.into_body(), 99).await.unwrap(), "/api/x /x");
    }
}
