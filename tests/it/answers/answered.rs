//! Fixed answers and redirects.

use super::ask;
use crate::support::h2::H2Client;
use crate::support::recorder::Script;
use crate::support::relay::Relay;

const ROUTES: &str = r#"
[routes."/gone"]
respond = 410
[routes."/ok"]
respond = { status = 200, body = "ok\n", headers = { cache-control = "no-store" } }
[routes."/json"]
respond = { body = "{\"a\": 1}", content_type = "application/json" }
[routes."/old"]
redirect = "https://www.example.com/new{path}?{query}"
[routes."/here"]
redirect = { to = "https://{host}{uri}", status = 301 }
[routes."/local"]
redirect = { to = "/elsewhere{path}", status = 302 }
[routes."/path"]
redirect = { to = "{uri}", status = 307 }
[routes."/private"]
redirect = { to = "/login?from={uri}&by={method}", status = 302 }
"#;

#[tokio::test]
async fn fixed_answers_need_no_upstream() {
    let relay = Relay::start("", ROUTES, |_| Script::ok("upstream")).await;
    for (path, status, media_type, text) in [
        ("/gone", 410, None, ""),
        ("/ok", 200, Some("text/plain; charset=utf-8"), "ok\n"),
        ("/ok/below?x", 200, Some("text/plain; charset=utf-8"), "ok\n"),
        ("/json", 200, Some("application/json"), "{\"a\": 1}"),
    ] {
        for method in ["GET", "POST", "DELETE"] {
            let answer = ask(&relay, method, path, &["Content-Length: 0"]).await;
            assert_eq!((answer.status(), answer.header("content-type")), (status, media_type), "{path}");
            assert_eq!(answer.text(), text, "{path}");
            assert!(answer.header("x-request-id").is_some());
        }
        let head = ask(&relay, "HEAD", path, &[]).await;
        assert_eq!((head.status(), head.text()), (status, String::new()));
        let length = Some(text.len().to_string()).filter(|_| !text.is_empty());
        assert_eq!(head.header("content-length"), length.as_deref());
    }
    assert_eq!(ask(&relay, "GET", "/ok", &[]).await.header("cache-control"), Some("no-store"));
    let mut client = H2Client::connect(relay.gateway.addr).await;
    let answer = client.get("/ok").await;
    assert_eq!((answer.status.as_u16(), &answer.body[..]), (200, &b"ok\n"[..]));
    assert!(relay.upstream.requests().is_empty());
}

#[tokio::test]
async fn a_redirect_leads_where_it_says_and_nowhere_else() {
    let relay = Relay::start("", ROUTES, |_| Script::ok("upstream")).await;
    for (target, status, location) in [
        ("/old", 308, "https://www.example.com/new/old"),
        ("/old/a%2Fb?x=%20", 308, "https://www.example.com/new/old/a%2Fb?x=%20"),
        ("/here/x?y", 301, "https://test/here/x?y"),
        ("/local//evil.example", 302, "/elsewhere/local//evil.example"),
        ("/path/x?a=//b", 307, "/path/x?a=//b"),
        ("/private?a=1&b=%20", 302, "/login?from=/private?a%3D1%26b%3D%2520&by=GET"),
    ] {
        let answer = ask(&relay, "GET", target, &[]).await;
        assert_eq!((answer.status(), answer.header("location")), (status, Some(location)), "{target}");
        assert_eq!(answer.text(), "");
    }
    assert!(relay.upstream.requests().is_empty());
}

/// `//host` and `/\host` are other hosts for a browser.
#[tokio::test]
async fn no_path_is_taken_for_a_host() {
    let relay = Relay::start("", "[routes.\"/\"]\nredirect = \"{uri}\"", |_| Script::ok("upstream")).await;
    for (target, location) in [
        ("//evil.example/x", "/evil.example/x"),
        ("///evil.example", "/evil.example"),
        ("/%2f/evil.example", "/%2f/evil.example"),
        ("/?//evil.example", "/?//evil.example"),
        ("http://test//evil.example", "/evil.example"),
    ] {
        let answer = ask(&relay, "GET", target, &[]).await;
        assert_eq!((answer.status(), answer.header("location")), (308, Some(location)), "{target}");
    }
}

/// Without a host there is nothing to redirect to; with a strange one neither.
#[tokio::test]
async fn a_host_that_is_none_is_a_400() {
    let relay =
        Relay::start("", "[routes.\"/\"]\nredirect = \"https://{host}{uri}\"", |_| Script::ok("")).await;
    let answer = relay.exchange("GET /x HTTP/1.0\r\n\r\n").await.response;
    assert_eq!((answer.status(), answer.header("location")), (400, None));
}
