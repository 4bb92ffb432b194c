//! What follows from the scheme: `X-Forwarded-Proto`, the `Secure` of cookies, `Strict-Transport-Security`.

use super::support::{Authority, Edge, ONE, one, one_with};
use crate::support::recorder::Script;
use crate::support::relay::{API, Relay};

#[tokio::test]
async fn the_upstream_is_told_of_https() {
    let (authority, edge) = one().await;
    let mut connection = authority.client().connect(edge.addr, "a.example").await.unwrap();
    connection.get(&["X-Forwarded-Proto: http"]).await;
    let seen = edge.upstream.requests().pop().unwrap();
    assert_eq!(seen.headers.one("x-forwarded-proto"), Some("https"));
    assert_eq!(seen.headers.one("x-forwarded-host"), Some("a.example"));
}

#[tokio::test]
async fn a_trusted_proxy_knows_better() {
    let authority = Authority::new();
    authority.issue("a", &["a.example"]);
    let edge = Edge::start_with(&authority, ONE, "trusted_proxies = [\"127.0.0.1\"]").await;
    let mut connection = authority.client().connect(edge.addr, "a.example").await.unwrap();
    connection.get(&["X-Forwarded-Proto: http"]).await;
    assert_eq!(edge.upstream.requests().pop().unwrap().headers.one("x-forwarded-proto"), Some("http"));
}

#[tokio::test]
async fn a_cookie_is_secure_over_https() {
    const AFFINITY: &str = "affinity = { cookie = \"gw\", secret = \"0123456789abcdef\" }";
    let authority = Authority::new();
    authority.issue("a", &["a.example"]);
    let edge = Edge::start_script(&authority, ONE, "", AFFINITY, |_| Script::ok("hello")).await;
    let mut connection = authority.client().connect(edge.addr, "a.example").await.unwrap();
    let answer = connection.get(&[]).await;
    assert!(answer.contains("HttpOnly; SameSite=Lax; Secure"), "{answer}");

    for (head, lines, is_secure) in [
        ("", &[][..], false),
        ("", &["X-Forwarded-Proto: https"], false),
        ("trusted_proxies = [\"127.0.0.1\"]", &["X-Forwarded-Proto: https"], true),
        ("trusted_proxies = [\"127.0.0.1\"]", &["X-Forwarded-Proto: http"], false),
        ("trusted_proxies = [\"127.0.0.1\"]", &[], false),
    ] {
        let routes = format!("[pools.plain.affinity]\ncookie = \"gw\"\nsecret = \"0123456789abcdef\"\n{API}");
        let relay = Relay::start(head, &routes, |_| Script::ok("hello")).await;
        let response = relay.get_with(lines).await.response;
        let cookie = response.head.headers.one("set-cookie").unwrap();
        assert_eq!(cookie.contains("; Secure"), is_secure, "{head} {lines:?}: {cookie}");
    }
}

#[tokio::test]
async fn browsers_are_told_to_stay_with_https() {
    let (authority, edge) = one_with("hsts = { max_age = \"365d\", include_subdomains = true }").await;
    let mut connection = authority.client().connect(edge.addr, "a.example").await.unwrap();
    let answer = connection.get(&[]).await;
    let expected = "\r\nstrict-transport-security: max-age=31536000; includeSubDomains\r\n";
    assert!(answer.contains(expected), "{answer}");
}

#[tokio::test]
async fn an_upstream_that_says_it_itself_is_left_alone() {
    let authority = Authority::new();
    authority.issue("a", &["a.example"]);
    let script = |_: &_| {
        let answer = crate::support::recorder::Answer::new(200);
        Script::answer(answer.header("strict-transport-security", "max-age=1").body("hello"))
    };
    let edge = Edge::start_script(&authority, &format!("{ONE}, hsts = \"365d\""), "", "", script).await;
    let answer = authority.client().connect(edge.addr, "a.example").await.unwrap().get(&[]).await;
    assert_eq!(answer.matches("strict-transport-security").count(), 1, "{answer}");
    assert!(answer.contains("max-age=1\r\n"), "{answer}");
}
