//! Which pages of other origins may read answers.

use super::{ask, route};
use crate::support::recorder::{Answer, Script};
use crate::support::relay::Relay;

const KEYS: &str = r#"
admin_tokens = ["0123456789abcdef"]
cors = { origins = ["https://app.example", "https://*.example.org"], methods = ["PUT"], headers = ["x-admin-token"], expose = ["x-total"], credentials = true, max_age = "10m" }
"#;
const TOKEN: &str = "X-Admin-Token: 0123456789abcdef";

async fn relay(keys: &str) -> Relay {
    Relay::start("", &route(keys), |_| {
        Script::answer(
            Answer::new(200).header("access-control-allow-origin", "*").header("vary", "x").body("x"),
        )
    })
    .await
}

/// A browser sends no token with it.
#[tokio::test]
async fn a_preflight_is_answered_before_the_gate() {
    let relay = relay(KEYS).await;
    let lines = ["Origin: https://app.example", "Access-Control-Request-Method: PUT"];
    let answer = ask(&relay, "OPTIONS", "/x", &lines).await;
    assert_eq!((answer.status(), answer.text()), (200, String::new()));
    for (name, value) in [
        ("access-control-allow-origin", "https://app.example"),
        ("access-control-allow-methods", "PUT"),
        ("access-control-allow-headers", "x-admin-token"),
        ("access-control-allow-credentials", "true"),
        ("access-control-max-age", "600"),
        ("vary", "origin"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{name}");
    }
    let other = ask(&relay, "OPTIONS", "/x", &["Origin: https://evil.example", lines[1]]).await;
    assert_eq!((other.status(), other.header("access-control-allow-origin")), (200, None));
    assert!(relay.upstream.requests().is_empty());
}

#[tokio::test]
async fn other_options_are_asked_of_the_upstream() {
    let relay = relay(KEYS).await;
    let lines = ["Origin: https://app.example", TOKEN];
    let answer = ask(&relay, "OPTIONS", "/x", &lines).await;
    assert_eq!(answer.header("access-control-allow-origin"), Some("https://app.example"));
    assert_eq!(ask(&relay, "OPTIONS", "/x", &["Access-Control-Request-Method: PUT"]).await.status(), 401);
    let seen = relay.upstream.requests();
    assert_eq!(seen.iter().map(|request| &*request.method).collect::<Vec<_>>(), ["OPTIONS"]);
}

#[tokio::test]
async fn the_gateway_alone_says_who_may_read_an_answer() {
    let relay = relay(KEYS).await;
    for (origin, allowed) in [
        ("https://app.example", true),
        ("https://a.example.org", true),
        ("https://a.b.example.org", true),
        ("https://example.org", false),
        ("http://a.example.org", false),
        ("https://app.example.evil", false),
        ("https://evil.example/.example.org", false),
        ("https://app.example:8443", false),
        ("null", false),
    ] {
        let answer = ask(&relay, "GET", "/x", &[&format!("Origin: {origin}"), TOKEN]).await;
        let all = answer.headers().all("access-control-allow-origin");
        assert_eq!(all, if allowed { vec![origin] } else { vec![] }, "{origin}");
        assert_eq!(answer.header("access-control-expose-headers"), Some("x-total"));
        assert_eq!(answer.headers().all("vary"), ["x", "origin"]);
    }
    let refused = ask(&relay, "GET", "/x", &["Origin: https://app.example"]).await;
    assert_eq!(refused.status(), 401);
    assert_eq!(refused.header("access-control-allow-origin"), Some("https://app.example"));
}

#[tokio::test]
async fn anyone_may_read_what_is_for_anyone() {
    let relay = relay("cors = { origins = \"*\", headers = \"*\", methods = \"*\" }").await;
    let lines = ["Origin: https://any.example", "Access-Control-Request-Method: DELETE"];
    let answer = ask(&relay, "OPTIONS", "/x", &lines).await;
    for name in ["origin", "methods", "headers"] {
        assert_eq!(answer.header(&format!("access-control-allow-{name}")), Some("*"), "{name}");
    }
    assert_eq!(ask(&relay, "GET", "/x", &[]).await.header("access-control-allow-origin"), Some("*"));
}
