//! The nests: one line a route, in front of pools that routes may share.

use std::sync::Arc;

use admin_auth::{AdminAuthLayer, AdminToken, InvalidToken, TokenSet};
use axum::Router;
use axum::body::Body;
use axum::http::header::ALLOW;
use axum::http::{HeaderValue, Method, Request, Response, StatusCode};
use axum::response::IntoResponse;
use proxy_service::{CatchErrorLayer, HostPolicy, RouteOptions, Upgrades};
use tower::ServiceBuilder;

use crate::access_log::RouteName;
use crate::config::{AdminTokenSpec, HostHeader, Route, Secret, Upgrade};
use crate::edge;
use crate::pools::PoolService;
use crate::request_id::X_REQUEST_ID;

/// Mounts a route's pool below its prefix, as a service: whatever the method, nothing decoded, the prefix taken off.
pub(crate) fn mount(router: Router, route: &Route, pool: PoolService) -> Result<Router, InvalidToken> {
    let options = Arc::new(options(route));
    let name = RouteName(route.prefix.as_str().into());
    let known = ServiceBuilder::new()
        .map_request(move |mut request: Request<Body>| {
            request.extensions_mut().insert(Arc::clone(&options));
            request
        })
        .map_response(move |mut response: Response<Body>| {
            response.headers_mut().remove(&X_REQUEST_ID);
            response.extensions_mut().insert(name.clone());
            response
        })
        .map_response(|response: Response<_>| response.map(Body::new));
    let answered = CatchErrorLayer::new();
    Ok(match &route.admin_tokens {
        Some(tokens) => nest(router, route, known.layer(gate(tokens)?).layer(answered).service(pool)),
        None => nest(router, route, known.layer(answered).service(pool)),
    })
}

/// What the gateway answers where no route matches. `OPTIONS *` asks about the server itself (RFC 9110 §9.3.7).
pub(crate) async fn unrouted(request: Request<Body>) -> Response<Body> {
    if request.method() == Method::OPTIONS && request.uri().path() == "*" {
        return (StatusCode::NO_CONTENT, [(ALLOW, "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")]).into_response();
    }
    (StatusCode::NOT_FOUND, "Not Found\n").into_response()
}

fn gate(tokens: &[AdminTokenSpec]) -> Result<AdminAuthLayer, InvalidToken> {
    let tokens: Vec<AdminToken> = tokens.iter().map(token).collect::<Result<_, _>>()?;
    let set = TokenSet::new(tokens).expect("a gated route has tokens: the configuration is checked for it");
    Ok(AdminAuthLayer::new(set).throttle_by(edge::client_ip))
}

fn token(spec: &AdminTokenSpec) -> Result<AdminToken, InvalidToken> {
    let mut token = match &spec.secret {
        Secret::Plain(text) => AdminToken::new(text.expose())?,
        Secret::Sha256(digest) => AdminToken::from_sha256(*digest),
    };
    if let Some(label) = &spec.label {
        token = token.label(label.as_str());
    }
    if let Some(expiry) = spec.expires_at {
        token = token.expires_at(expiry);
    }
    Ok(token)
}

fn options(route: &Route) -> RouteOptions {
    let protocols = route.upgrade.iter().map(|protocol| match protocol {
        Upgrade::WebSocket => HeaderValue::from_static("websocket"),
    });
    let host = match route.host {
        HostHeader::Target => HostPolicy::Target,
        HostHeader::Preserve => HostPolicy::Preserve,
    };
    let mut options = RouteOptions::new().host(host).upgrades(Upgrades::only(protocols));
    if route.prefix != "/" {
        let prefix = HeaderValue::from_str(&route.prefix).expect("a checked prefix is visible ASCII");
        options = options.prefix(prefix);
    }
    if let Some(max_body) = route.max_body {
        options = options.max_body(max_body);
    }
    options
}
