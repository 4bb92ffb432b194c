//! `request_headers`, `response_headers`, `request_trailers`, `response_trailers`.

use crate::support::recorder::{Answer, Script, Step};
use crate::support::relay::{Relay, get};

const ROUTES: &str = r#"
[routes."/api"]
pool = "plain"

[routes."/api".request_headers]
set = { x-user = "{header.x-token}", x-real-ip = "{client_ip}", x-forwarded-port = "443", x-none = "{cookie.none}" }
add = { x-trace = "{request_id}" }
remove = ["x-internal", "cookie"]

[routes."/api".response_headers]
set = { x-frame-options = "DENY", x-from = "{upstream} {status} {path}" }
remove = ["server"]

[routes."/only"]
pool = "plain"
request_headers = { only = ["accept", "x-a"] }
response_headers = { only = ["x-a"], set = { x-b = "1" }, when = "success" }

[routes."/trailers"]
pool = "plain"
request_trailers = { set = { x-method = "{method}" }, remove = ["x-secret"] }
response_trailers = { set = { x-path = "{path}" }, only = ["x-sum"] }
"#;

#[tokio::test]
async fn requests_get_what_the_route_says() {
    let relay = Relay::start("", ROUTES, |_| Script::ok("")).await;
    let lines = [
        "X-Token: alice",
        "X-User: evil",
        "X_User: evil",
        "X-Real-IP: 6.6.6.6",
        "X-Forwarded-Port: 1",
        "X-Forwarded-Server: evil",
        "X-None: evil",
        "X-Trace: mine",
        "X-Request-Id: id-1",
        "x.internal: 1",
        "X-Internal: 1",
        "Cookie: a=b",
        "X-Other: stays",
        "Connection: close, x-user, X-Real-IP, x-trace, host, x-forwarded-for",
    ];
    let exchange = relay.get_with(&lines).await;
    let seen = &exchange.seen().headers;
    for (name, value) in [
        ("x-user", "alice"),
        ("x-real-ip", "127.0.0.1"),
        ("x-forwarded-port", "443"),
        ("x-forwarded-for", "127.0.0.1"),
        ("x-other", "stays"),
        ("x-token", "alice"),
    ] {
        assert_eq!(seen.one(name), Some(value), "{name}");
    }
    assert_eq!(seen.all("x-trace"), ["mine", "id-1"]);
    for gone in ["x_user", "x-none", "x-internal", "x.internal", "cookie", "x-forwarded-server"] {
        assert!(!seen.has(gone), "{gone}");
    }
}

#[tokio::test]
async fn answers_get_what_the_route_says() {
    let answer =
        || Answer::new(404).header("Server", "old/1.0").header("X-Frame-Options", "ALLOW").body("no");
    let relay = Relay::start("", ROUTES, move |_| Script::answer(answer())).await;
    let from = format!("http://{} 404 /api/x", relay.upstream.addr());
    let response = relay.get_with(&[]).await.response;
    assert_eq!(response.headers().all("x-frame-options"), ["DENY"]);
    assert_eq!(response.headers().one("x-from"), Some(&*from));
    assert!(!response.headers().has("server"));
    assert_eq!(response.text(), "no");
    // The gateway's own answers too, but for what no upstream has said.
    let refused = relay.exchange(get("/api/x", &["Expect: nothing"])).await;
    assert_eq!(refused.refused(), 417);
    let gone = Relay::start("", ROUTES, |_| Script(vec![Step::WaitForBody, Step::Close])).await;
    let response = gone.exchange(get("/api/x", &[])).await.response;
    assert_eq!((response.status(), response.headers().one("x-frame-options")), (502, Some("DENY")));
}

#[tokio::test]
async fn what_the_gateway_owns_stays() {
    let relay = Relay::start("", ROUTES, |request| {
        let status = if request.target.ends_with("bad") { 500 } else { 200 };
        let answer = Answer::new(status)
            .header("X-A", "1")
            .header("Server", "s")
            .header("Set-Cookie", "a=b")
            .body("body");
        Script::answer(answer)
    })
    .await;
    let exchange = relay.exchange(get("/only/x", &["X-A: 1", "Accept: */*", "X-C: 1", "X-Real-IP: 1"])).await;
    let seen = &exchange.seen().headers;
    for name in ["host", "x-a", "accept", "x-forwarded-for", "x-forwarded-proto", "x-request-id", "via"] {
        assert!(seen.has(name), "{name}");
    }
    assert!(!seen.has("x-c"));
    let headers = exchange.response.headers();
    for name in ["x-a", "x-b", "content-length", "via", "x-request-id", "date"] {
        assert!(headers.has(name), "{name}");
    }
    assert!(!headers.has("server") && !headers.has("set-cookie"));
    // With `when`, other answers stay as they are.
    let bad = relay.exchange(get("/only/bad", &[])).await.response;
    assert!(bad.headers().has("server") && bad.headers().has("set-cookie") && !bad.headers().has("x-b"));
}

#[tokio::test]
async fn trailers_both_ways() {
    let answer = || Answer::new(200).chunks(["ab", "c"]).trailer("X-Sum", "1").trailer("X-Other", "2");
    let relay = Relay::start("", ROUTES, move |_| Script::answer(answer())).await;
    let request = "POST /trailers/x HTTP/1.1\r\nHost: test\r\nTE: trailers\r\nConnection: te\r\n\
                   Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Secret: 1\r\nX-Sum: 2\r\n\r\n";
    let exchange = relay.exchange(request).await;
    let sent = &exchange.seen().body.trailers;
    assert_eq!(
        (sent.one("x-method"), sent.one("x-sum"), sent.has("x-secret")),
        (Some("POST"), Some("2"), false)
    );
    let received = &exchange.response.body.trailers;
    assert_eq!((received.one("x-path"), received.one("x-sum")), (Some("/trailers/x"), Some("1")));
    assert!(!received.has("x-other"));
}
