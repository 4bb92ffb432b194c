//! `redirects` and `cookies`: what upstreams say of themselves.

use crate::support::recorder::{Answer, RecordedRequest, Script};
use crate::support::relay::{Relay, get};

const ROUTES: &str = r#"
[routes."/api"]
pool = "plain"

[routes."/based"]
pool = "based"

[routes."/added"]
pool = "plain"
add_prefix = "/v1"

[routes."/all"]
pool = "plain"
redirects = "rewrite"
cookies = "rewrite"

[routes."/kept"]
pool = "based"
redirects = "keep"
cookies = "keep"

[routes."/template"]
pool = "based"
rewrite = "/x"
"#;

/// Answers with what the request asks for, in which `SELF` is the upstream's own authority.
fn answer(request: &RecordedRequest) -> Script {
    let own = request.headers.one("host").unwrap_or_default();
    let wanted = |name| request.headers.one(name).map(|value| value.replace("SELF", own));
    let mut answer = Answer::new(302);
    for (asked, name) in [("x-location", "Location"), ("x-cookie", "Set-Cookie"), ("x-refresh", "Refresh")] {
        if let Some(value) = wanted(asked) {
            answer = answer.header(name, &value);
        }
    }
    Script::answer(answer)
}

async fn answered(relay: &Relay, path: &str, name: &str, value: &str) -> String {
    let asked = match name {
        "set-cookie" => "X-Cookie",
        "refresh" => "X-Refresh",
        _ => "X-Location",
    };
    let exchange = relay.exchange(get(path, &[&format!("{asked}: {value}")])).await;
    let own = relay.upstream.addr().to_string();
    exchange.response.headers().one(name).unwrap_or_default().replace(&own, "SELF")
}

#[tokio::test]
async fn what_names_the_upstream_becomes_what_the_client_asked_for() {
    let relay = Relay::start("", ROUTES, answer).await;
    for (path, name, said, expected) in [
        ("/api/x", "location", "http://SELF/y?z#f", "http://test/api/y?z#f"),
        ("/api/x", "location", "/y", "/y"),
        ("/api/x", "location", "https://SELF/y", "https://SELF/y"),
        ("/api/x", "location", "http://other.example/y", "http://other.example/y"),
        ("/api/x", "location", "y", "y"),
        ("/based/x", "location", "/base%2Fv1/y", "/based/y"),
        ("/based/x", "location", "http://SELF/base%2Fv1", "http://test/based"),
        ("/based/x", "location", "/y", "/y"),
        ("/added/x", "location", "/v1/y", "/added/y"),
        ("/added/x", "location", "http://SELF/v1/y", "http://test/added/y"),
        ("/added/x", "location", "http://SELF/y", "http://SELF/y"),
        ("/all/x", "location", "/y", "/all/y"),
        ("/kept/x", "location", "http://SELF/base%2Fv1/y", "http://SELF/base%2Fv1/y"),
        ("/kept/x", "set-cookie", "a=b; Path=/base%2Fv1", "a=b; Path=/base%2Fv1"),
        ("/template", "location", "http://SELF/base%2Fv1/y", "http://SELF/base%2Fv1/y"),
        ("/based/x", "refresh", "1; url=/base%2Fv1/y", "1; url=/based/y"),
        ("/based/x", "set-cookie", "a=b; Path=/base%2Fv1; Domain=127.0.0.1", "a=b; Path=/based; Domain=test"),
        ("/api/x", "set-cookie", "a=b; Path=/", "a=b; Path=/"),
        ("/all/x", "set-cookie", "a=b; Path=/; Secure", "a=b; Path=/all; Secure"),
    ] {
        assert_eq!(answered(&relay, path, name, said).await, expected, "{path} {name}: {said}");
    }
}

#[tokio::test]
async fn a_trusted_proxy_says_what_its_client_asked_for() {
    let relay = Relay::start("trusted_proxies = [\"127.0.0.1\"]", ROUTES, answer).await;
    let lines = [
        "X-Location: http://SELF/y",
        "X-Forwarded-Proto: https",
        "X-Forwarded-Host: www.example",
        "X-Forwarded-Prefix: /outer",
    ];
    let exchange = relay.get_with(&lines).await;
    assert_eq!(exchange.response.headers().one("location"), Some("https://www.example/outer/api/y"));
    let untrusting = Relay::start("", ROUTES, answer).await;
    let exchange = untrusting.get_with(&lines).await;
    assert_eq!(exchange.response.headers().one("location"), Some("http://test/api/y"));
}
