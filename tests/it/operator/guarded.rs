//! Who is let in: by tokens, and never a page from elsewhere.

use axum::body::Body;
use gateway::operator::Operator;
use http::Request;

use crate::support::gateway::TestGateway;
use crate::support::operator::sent;

const TOKENS: &str = r#"
[admin]
admin_tokens = ["0123456789abcdef", { token = "fedcba9876543210", label = "ops" }]
hosts = ["gateway.internal"]
"#;

fn gateway(admin: &str) -> TestGateway {
    TestGateway::start(&format!(
        "{admin}\n[pools.a]\nupstreams = [\"http://127.0.0.1:1\"]\n[routes.\"/a\"]\npool = \"a\"\n"
    ))
}

async fn status(gateway: &TestGateway, path: &str, lines: &[(&str, &str)]) -> u16 {
    let mut request = Request::get(path);
    for (name, value) in lines {
        request = request.header(*name, *value);
    }
    let app = Operator::of(gateway.handle.clone()).router();
    sent(app, request.body(Body::empty()).unwrap()).await.status.as_u16()
}

#[tokio::test]
async fn a_token_is_needed_for_all_but_health() {
    let gateway = gateway(TOKENS);
    for (lines, expected) in [
        (&[][..], 401),
        (&[("x-admin-token", "0123456789abcdef")], 200),
        (&[("x-admin-token", "fedcba9876543210")], 200),
        (&[("authorization", "Bearer fedcba9876543210")], 200),
        (&[("authorization", "bearer nope"), ("x-admin-token", "0123456789abcdef")], 200),
        (&[("x-admin-token", "0123456789abcdeX")], 403),
        (&[("authorization", "Bearer nope")], 403),
        (&[("authorization", "Basic fedcba9876543210")], 401),
    ] {
        for path in ["/api/v1/status", "/api/v1/routes", "/api/v1/pools", "/api/v1/pools/a"] {
            assert_eq!(status(&gateway, path, lines).await, expected, "{path} {lines:?}");
        }
        assert_eq!(status(&gateway, "/livez", lines).await, 200);
        let ready = status(&gateway, "/readyz", lines).await;
        assert!([200, 503].contains(&ready), "{ready}");
    }
}

#[tokio::test]
async fn tokens_and_names_follow_reloads() {
    let gateway = gateway(TOKENS);
    let old = [("x-admin-token", "0123456789abcdef"), ("host", "gateway.internal")];
    assert_eq!(status(&gateway, "/api/v1/status", &old).await, 200);
    let rotated = TOKENS.replace("0123456789abcdef", "another-0123456789").replace("gateway.internal", "b");
    let config = format!(
        "{rotated}\n[pools.a]\nupstreams = [\"http://127.0.0.1:1\"]\n[routes.\"/a\"]\npool = \"a\"\n"
    );
    gateway.apply(&config).await.unwrap();
    assert_eq!(status(&gateway, "/api/v1/status", &old).await, 403);
    assert_eq!(status(&gateway, "/api/v1/status", &old[..1]).await, 403);
    let new = [("x-admin-token", "another-0123456789"), ("host", "b:9900")];
    assert_eq!(status(&gateway, "/api/v1/status", &new).await, 200);
}

#[tokio::test]
async fn a_page_from_elsewhere_gets_nothing() {
    let gateway = gateway("");
    for path in ["/", "/livez", "/readyz", "/metrics", "/events", "/api/v1/status", "/api/v1/config"] {
        let is_health = ["/livez", "/readyz"].contains(&path);
        let rebound = status(&gateway, path, &[("host", "evil.example")]).await;
        assert_eq!(rebound == 403, !is_health, "{path}");
        let foreign = [("host", "localhost"), ("origin", "http://evil.example")];
        assert_eq!(status(&gateway, path, &foreign).await, 403, "{path}");
    }
    let app = Operator::of(gateway.handle.clone()).router();
    let preflight = Request::options("/api/v1/reload")
        .header("host", "localhost:9900")
        .header("origin", "http://localhost:9900")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "x-gateway-operator");
    assert_eq!(sent(app, preflight.body(Body::empty()).unwrap()).await.status, 403);
}

/// What browsers are told of each answer, whatever it is.
#[tokio::test]
async fn browsers_are_told_to_keep_it_to_themselves() {
    use tower::ServiceExt as _;
    let gateway = gateway("");
    for path in ["/livez", "/api/v1/pools", "/nothing"] {
        let app = Operator::of(gateway.handle.clone()).router();
        let answer = app.oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
        let header = |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok());
        assert_eq!(header("content-security-policy"), Some("default-src 'none'; frame-ancestors 'none'"));
        assert_eq!(header("x-frame-options"), Some("DENY"));
        assert_eq!(header("x-content-type-options"), Some("nosniff"));
        assert_eq!(header("cache-control"), Some("no-store"));
        assert_eq!(header("cross-origin-resource-policy"), Some("same-origin"));
        assert_eq!(header("access-control-allow-origin"), None);
    }
}
