//! `forward_auth`.

use std::time::Instant;

use super::{ask, ask_once, guarded};
use crate::support::raw::RawClient;
use crate::support::recorder::{Answer, RecordingUpstream, Script, Step};
use crate::support::unreachable::Refusing;

async fn upstream() -> RecordingUpstream {
    RecordingUpstream::start(|_| Script::ok("in")).await
}

#[tokio::test]
async fn a_request_enters_with_what_the_service_says_of_it() {
    let upstream = upstream().await;
    let consent = |_: &_| {
        Script::answer(
            Answer::new(204).header("X-User", "ann").header("X-Group", "ops").header("X-Other", "no"),
        )
    };
    let service = RecordingUpstream::start(consent).await;
    let keys = format!(
        "forward_auth = {{ url = \"{}/check?rule=1\", copy = [\"x-user\", \"x-group\"] }}",
        service.url()
    );
    let gateway = guarded(&upstream, &keys);
    let mut client = RawClient::connect(gateway.addr).await;
    let body = "POST /api/a%20b?c=%2F HTTP/1.1\r\nHost: shop.example\r\nCookie: session=1\r\nAuthorization: Bearer x\r\n\
                X-User: root\r\nX_User: root\r\nX-Forwarded-For: 6.6.6.6\r\nX-Forwarded-Uri: /public\r\nX-Real-IP: 6.6.6.6\r\n\
                X-Admin-Token: letmein\r\nIf-None-Match: \"1\"\r\nRange: bytes=0-1\r\nExpect: 100-continue\r\n\
                Connection: X-User, X-Nominated\r\nX-Nominated: 1\r\nContent-Length: 4\r\n\r\nbody";
    client.send(body).await;
    assert_eq!(client.response().await.text(), "in");

    let asked = &service.requests()[0];
    assert_eq!((asked.method.as_str(), asked.target.as_str()), ("GET", "/check?rule=1"));
    for (name, value) in [
        ("host", service.addr().to_string().as_str()),
        ("x-forwarded-method", "POST"),
        ("x-forwarded-proto", "http"),
        ("x-forwarded-host", "shop.example"),
        ("x-forwarded-uri", "/api/a%20b?c=%2F"),
        ("x-forwarded-for", "127.0.0.1"),
        ("cookie", "session=1"),
        ("authorization", "Bearer x"),
    ] {
        assert_eq!(asked.headers.all(name), [value], "{name}");
    }
    for name in [
        "x-user",
        "x_user",
        "x-real-ip",
        "x-admin-token",
        "if-none-match",
        "range",
        "expect",
        "upgrade",
        "x-nominated",
        "content-length",
        "transfer-encoding",
    ] {
        assert!(!asked.headers.has(name), "{name} in {asked:?}");
    }

    let entered = &upstream.requests()[0];
    assert_eq!((entered.method.as_str(), entered.body.text().as_str()), ("POST", "body"));
    assert_eq!(entered.headers.all("x-user"), ["ann"]);
    assert_eq!(entered.headers.all("x-group"), ["ops"]);
    assert!(!entered.headers.has("x-other") && !entered.headers.has("x_user"), "{entered:?}");
    assert_eq!(entered.headers.all("authorization"), ["Bearer x"], "the gateway has not read it");
    service.assert_clean();
    upstream.assert_clean();
}

#[tokio::test]
async fn what_the_service_does_not_say_is_not_the_clients_to_say() {
    let upstream = upstream().await;
    let service = RecordingUpstream::start(|_| Script::status(200)).await;
    let keys =
        format!("forward_auth = {{ url = \"{}\", copy = [\"x-user\", \"authorization\"] }}", service.url());
    let gateway = guarded(&upstream, &keys);
    let answer = ask_once(&gateway, "X-User: root\r\nAuthorization: Basic cm9vdDpyb290\r\n").await;
    assert_eq!(answer.status(), 200);
    let (asked, entered) = (&service.requests()[0], &upstream.requests()[0]);
    // Credentials are for the service to read, and to exchange for others.
    assert!(asked.headers.has("authorization") && !asked.headers.has("x-user"), "{asked:?}");
    assert!(!entered.headers.has("authorization") && !entered.headers.has("x-user"), "{entered:?}");
}

#[tokio::test]
async fn only_named_fields_are_sent_if_some_are_named() {
    let upstream = upstream().await;
    let service = RecordingUpstream::start(|_| Script::status(200)).await;
    let keys = format!("forward_auth = {{ url = \"{}\", request_headers = [\"cookie\"] }}", service.url());
    let gateway = guarded(&upstream, &keys);
    assert_eq!(
        ask_once(&gateway, "Cookie: a=b\r\nX-Other: 1\r\nAuthorization: Basic x\r\n").await.status(),
        200
    );
    let asked = &service.requests()[0];
    assert_eq!((asked.headers.all("cookie"), asked.headers.has("x-other")), (vec!["a=b"], false));
    assert!(!asked.headers.has("authorization") && asked.headers.has("x-forwarded-uri"), "{asked:?}");
}

#[tokio::test]
async fn any_other_answer_is_the_clients() {
    let upstream = upstream().await;
    let service = RecordingUpstream::start(|request| {
        let status: u16 = request.headers.one("x-status").unwrap().parse().unwrap();
        let answer = Answer::new(status).header("Location", "https://id.example/login?from=/api/x");
        Script::answer(answer.header("Set-Cookie", "a=b").header("Set-Cookie", "c=d").body("who are you?"))
    })
    .await;
    let gateway = guarded(&upstream, &format!("forward_auth = {{ url = \"{}/check\" }}", service.url()));
    let mut client = RawClient::connect(gateway.addr).await;
    for status in [301, 302, 400, 401, 403, 404, 418, 500, 503] {
        let answer = ask(&mut client, &format!("X-Status: {status}\r\n")).await;
        assert_eq!(answer.status(), status);
        assert_eq!(answer.header("location"), Some("https://id.example/login?from=/api/x"));
        assert_eq!(answer.headers().all("set-cookie"), ["a=b", "c=d"]);
        assert_eq!(answer.text(), "who are you?");
    }
    assert!(upstream.requests().is_empty());
    assert_eq!(service.connections().len(), 1, "the connection is kept");
}

/// As oauth2-proxy does: it says no to who has no session, and sets cookies either way.
#[tokio::test]
async fn people_are_sent_to_log_in_and_get_the_cookies_of_the_service() {
    let upstream = RecordingUpstream::start(|_| {
        Script::answer(Answer::new(200).header("Set-Cookie", "app=1").header("X-Session", "app's").body("in"))
    })
    .await;
    let service = RecordingUpstream::start(|request| {
        let status = if request.headers.has("cookie") { 202 } else { 401 };
        let answer = Answer::new(status).header("Set-Cookie", "s=1").header("Set-Cookie", "t=2");
        Script::answer(answer.header("X-Session", "fresh").header("X-Other", "no"))
    })
    .await;
    let gateway = guarded(
        &upstream,
        &format!(
            "forward_auth = {{ url = \"{}\", copy_back = [\"set-cookie\", \"x-session\"], \
             login = \"https://id.example/start?rd={{scheme}}://{{host}}{{uri}}\" }}",
            service.url()
        ),
    );
    let mut client = RawClient::connect(gateway.addr).await;
    let entered = ask(&mut client, "Cookie: s=0\r\n").await;
    assert_eq!((entered.status(), entered.text().as_str()), (200, "in"));
    assert_eq!(entered.headers().all("set-cookie"), ["app=1", "s=1", "t=2"]);
    assert_eq!(entered.headers().all("x-session"), ["fresh"]);
    assert!(entered.header("x-other").is_none());

    let place = "https://id.example/start?rd=http://shop.example/api/a%2526b?c%3D1%26d%3D2";
    for (method, mode, status, location) in [
        ("GET", "", 302, Some(place)),
        ("HEAD", "", 302, Some(place)),
        ("GET", "Sec-Fetch-Mode: navigate\r\n", 302, Some(place)),
        ("GET", "Sec-Fetch-Mode: cors\r\n", 401, None),
        ("POST", "", 401, None),
    ] {
        let head = "/api/a%26b?c=1&d=2 HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 0\r\n";
        client.send(format!("{method} {head}{mode}\r\n")).await;
        let answer = client.response_to(method).await;
        assert_eq!((answer.status(), answer.header("location")), (status, location), "{method} {mode}");
        assert_eq!(answer.headers().all("set-cookie"), ["s=1", "t=2"], "{method} {mode}");
    }
    assert_eq!(upstream.requests().len(), 1);
}

#[tokio::test]
async fn whoever_cannot_be_asked_lets_nobody_in() {
    let upstream = upstream().await;
    let silent = RecordingUpstream::start(|_| Script::silence()).await;
    let large =
        RecordingUpstream::start(|_| Script::answer(Answer::new(403).body(vec![b'x'; 65 << 10]))).await;
    let half = |step: fn() -> Step| {
        move |_: &_| Script::raw("HTTP/1.1 403 No\r\nContent-Length: 9\r\n\r\nhalf").then(step())
    };
    let slow = RecordingUpstream::start(half(|| Step::AwaitClose)).await;
    let cut = RecordingUpstream::start(half(|| Step::Close)).await;
    let refusing = Refusing::new();
    for (url, status, error) in [
        (format!("http://{}", refusing.addr), 502, "connection_refused"),
        (silent.url(), 504, "http_response_timeout"),
        (large.url(), 502, "http_response_incomplete"),
        (cut.url(), 502, "http_response_incomplete"),
        (slow.url(), 504, "http_response_timeout"),
    ] {
        let gateway =
            guarded(&upstream, &format!("forward_auth = {{ url = \"{url}\", timeout = \"100ms\" }}"));
        let begun = Instant::now();
        let answer = ask_once(&gateway, "").await;
        assert_eq!((answer.status(), begun.elapsed().as_secs() < 5), (status, true), "{error}");
        assert_eq!(answer.header("proxy-status"), Some(format!("gateway; error={error}").as_str()));
        assert!(!answer.text().contains("http://"));
    }
    assert!(upstream.requests().is_empty());
}

#[tokio::test]
async fn the_body_of_a_consent_need_not_be_read() {
    let upstream = upstream().await;
    let service = RecordingUpstream::start(|_| Script::ok(vec![b'x'; 100 << 10])).await;
    let gateway = guarded(&upstream, &format!("forward_auth = {{ url = \"{}\" }}", service.url()));
    assert_eq!(ask_once(&gateway, "").await.text(), "in");
}

/// Services may believe these before `X-Forwarded-Uri`: only the gateway says what is asked for.
#[tokio::test]
async fn a_client_cannot_say_that_it_asks_for_something_else() {
    let upstream = upstream().await;
    let service = RecordingUpstream::start(|_| Script::status(200)).await;
    let gateway = guarded(&upstream, &format!("forward_auth = {{ url = \"{}\" }}", service.url()));
    let names = [
        "X-Original-URL",
        "X-Original-URI",
        "X-Original-Method",
        "X-Rewrite-Url",
        "X-HTTP-Method-Override",
        "X_Original_Url",
        "X_Forwarded_Uri",
        "X!Forwarded!Uri",
    ];
    let lines: String = names.iter().map(|name| format!("{name}: /public\r\n")).collect();
    let nominated = "Connection: X-Forwarded-Uri, X-Forwarded-Method\r\n";
    assert_eq!(ask_once(&gateway, &format!("{lines}{nominated}")).await.status(), 200);
    let asked = &service.requests()[0].headers;
    for name in names {
        assert!(!asked.has(name), "{name} in {asked:?}");
    }
    assert_eq!(
        (asked.all("x-forwarded-uri"), asked.all("x-forwarded-method")),
        (vec!["/api/x"], vec!["GET"])
    );
}

/// Some upstreams take a field of the trailers for one of the head.
#[tokio::test]
async fn a_client_cannot_say_who_it_is_behind_its_body_either() {
    let upstream = upstream().await;
    let service =
        RecordingUpstream::start(|_| Script::answer(Answer::new(204).header("X-User", "ann"))).await;
    let keys = format!("forward_auth = {{ url = \"{}\", copy = [\"x-user\"] }}", service.url());
    for buffer in ["", "buffer = \"64KiB\""] {
        let gateway = guarded(&upstream, &format!("{keys}\n{buffer}"));
        let mut client = RawClient::connect(gateway.addr).await;
        let request = "POST /api/x HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n\
                       4\r\nbody\r\n0\r\nX-User: root\r\nX_User: root\r\nX-Sum: 1\r\n\r\n";
        client.send(request).await;
        assert_eq!(client.response().await.status(), 200);
        let entered = upstream.requests().pop().unwrap();
        assert_eq!(entered.headers.all("x-user"), ["ann"]);
        let trailers = &entered.body.trailers;
        assert_eq!((trailers.one("x-sum"), trailers.0.len()), (Some("1"), 1), "{trailers:?}");
    }
}

/// A gateway whose service is a route of its own that asks the same service.
#[tokio::test]
async fn a_service_that_asks_itself_is_a_loop() {
    let upstream = upstream().await;
    let gateway = guarded(&upstream, "");
    let keys = format!("forward_auth = {{ url = \"http://{}/api/check\" }}", gateway.addr);
    gateway.apply(&super::configuration(&upstream, &keys)).await.unwrap();
    assert_eq!(ask_once(&gateway, "").await.status(), 508);
    assert!(upstream.requests().is_empty());
}
