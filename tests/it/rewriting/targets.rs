//! `strip_prefix`, `add_prefix`, `rewrite`, `query_rewrite`, `method`, `upstream_host`.

use crate::support::recorder::Script;
use crate::support::relay::{Relay, get};

const ROUTES: &str = r#"
[routes."/kept"]
pool = "plain"
strip_prefix = false

[routes."/api"]
pool = "plain"
add_prefix = "/v1"

[routes."/based"]
pool = "based"
add_prefix = "/v2"

[routes."/part/of/it"]
pool = "plain"
strip_prefix = "/part"

[routes."/new"]
pool = "plain"
rewrite = "/old{path}?from={host}&{query}"

[routes."/page"]
pool = "plain"
rewrite = "/pages/{query.name}"

[routes."/query"]
pool = "plain"
query_rewrite = { set = { user = "{header.x-user}" }, add = { via = "gateway" }, remove = ["debug"] }

[routes."/method"]
pool = "plain"
method = "PUT"
upstream_host = "inner.example:81"
request_headers = { set = { x-asked = "{method} {path}" } }
"#;

#[tokio::test]
async fn the_upstream_gets_what_was_rewritten_and_the_other_bytes_as_they_were() {
    let relay = Relay::start("", ROUTES, |_| Script::ok("")).await;
    for (target, expected, prefix) in [
        ("/kept", "/kept", None),
        ("/kept/a%2Fb//c;d?x=%zz&&", "/kept/a%2Fb//c;d?x=%zz&&", None),
        ("/api/a%2Fb//c?x=%zz&", "/v1/a%2Fb//c?x=%zz&", Some("/api")),
        ("/api", "/v1", Some("/api")),
        ("/api/", "/v1/", Some("/api")),
        ("/api?", "/v1?", Some("/api")),
        ("/based/x", "/base%2Fv1/v2/x", Some("/based")),
        ("/based", "/base%2Fv1/v2", Some("/based")),
        ("/part/of/it/x", "/of/it/x", Some("/part")),
        ("/new/a%2Fb?x=1", "/old/new/a%2Fb?from=test&x=1", None),
        ("/page?name=a/b%20c", "/pages/a%2Fb%20c?name=a/b%20c", None),
        ("/query/x?a=%zz&debug=1&b&d%65bug=2&user=evil", "/x?a=%zz&b&via=gateway", Some("/query")),
        ("/query", "/?via=gateway", Some("/query")),
        ("/method/x", "/x", Some("/method")),
    ] {
        let exchange = relay.exchange(get(target, &[])).await;
        let seen = exchange.seen();
        assert_eq!(seen.target, expected, "{target}");
        assert_eq!(seen.headers.one("x-forwarded-prefix"), prefix, "{target}");
    }
    let exchange = relay.exchange(get("/query/x", &["X-User: a&b=c d"])).await;
    assert_eq!(exchange.seen().target, "/x?user=a%26b%3Dc%20d&via=gateway");
    let exchange = relay.exchange(get("/method/x", &[])).await;
    assert_eq!(
        (&*exchange.seen().method, exchange.seen().headers.one("host")),
        ("PUT", Some("inner.example:81"))
    );
    assert_eq!(exchange.seen().headers.one("x-forwarded-host"), Some("test"));
    assert_eq!(exchange.seen().headers.one("x-asked"), Some("GET /method/x"), "as the client sent it");
}

#[tokio::test]
async fn what_comes_of_a_template_is_a_path_or_400() {
    let relay = Relay::start("", ROUTES, |_| Script::ok("")).await;
    for target in ["/page?name=..", "/page?name=%2e%2e", "/page?name=.;x", "/page?name=%00"] {
        let exchange = relay.exchange(get(target, &[])).await;
        assert_eq!(exchange.refused(), 400, "{target}");
        let status = exchange.response.headers().one("proxy-status");
        assert_eq!(status, Some("gateway; error=http_request_error"), "{target}");
    }
    assert_eq!(relay.exchange(get("/page?name=...", &[])).await.seen().target, "/pages/...?name=...");
}
