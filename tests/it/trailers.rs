//! Trailers, both ways: HTTP/1.1 chunked to HTTP/1.1 chunked, and HTTP/2 in front of HTTP/1.1.

use crate::support::h2::{self, H2Client};
use crate::support::recorder::{Answer, Script};
use crate::support::relay::Relay;
use crate::support::within;
use http::{HeaderMap, HeaderName, HeaderValue, Request};

/// Fields that must not be in a trailer: framing, routing, identity, and whatever belongs in a head (RFC 9110 section
/// 6.5.1).
const FORBIDDEN: &[&str] = &[
    "Content-Length",
    "Transfer-Encoding",
    "Host",
    "Connection",
    "TE",
    "Trailer",
    "Authorization",
    "Cookie",
    "Set-Cookie",
    "Content-Type",
    "Content-Encoding",
    "Content-Range",
    "Via",
    "X-Forwarded-For",
    "X_Forwarded_For",
    "X-Real-IP",
    "X-Request-Id",
    "X-Admin-Token",
    "X_Admin_Token",
];

fn announced() -> String {
    let names: Vec<&str> = ["X-Sum", "X-Other"].iter().chain(FORBIDDEN).copied().collect();
    names.join(", ")
}

/// A chunked answer with two allowed trailers and every forbidden one.
fn with_trailers() -> Answer {
    let answer = Answer::new(200).header("Trailer", &announced()).chunks(["ab", "c"]);
    let answer = answer.trailer("X-Sum", "1").trailer("x-other", "two words");
    FORBIDDEN.iter().fold(answer, |answer, name| answer.trailer(name, "1"))
}

#[tokio::test]
async fn h1_requests_keep_theirs() {
    let relay = Relay::plain(|_| Script::ok("")).await;
    let forbidden: String = FORBIDDEN.iter().map(|name| format!("{name}: 1\r\n")).collect();
    let request = format!(
        "POST /api/x HTTP/1.1\r\nHost: test\r\nTrailer: {}\r\nTransfer-Encoding: chunked\r\n\r\n\
         3\r\nabc\r\n0\r\nX-Sum: 1\r\n{forbidden}x-other: two words\r\n\r\n",
        announced()
    );
    let exchange = relay.exchange(request).await;
    let seen = exchange.seen();
    assert_eq!(seen.body.text(), "abc");
    assert_eq!(seen.headers.one("trailer"), Some(&*announced()));
    assert_eq!(seen.body.trailers.one("x-sum"), Some("1"));
    assert_eq!(seen.body.trailers.one("x-other"), Some("two words"));
    assert_eq!(seen.body.trailers.0.len(), 2, "{:?}", seen.body.trailers);
}

#[tokio::test]
async fn h1_answers_keep_theirs_for_a_client_that_reads_them() {
    let relay = Relay::plain(|_| Script::answer(with_trailers())).await;
    for (lines, expected) in [(&["TE: trailers"][..], 2), (&["TE: gzip"], 0), (&[], 0)] {
        let response = relay.get_with(lines).await.response;
        assert_eq!(response.text(), "abc");
        assert_eq!(response.header("trailer"), Some(&*announced()), "it describes the message");
        let trailers = &response.body.trailers;
        assert_eq!(trailers.0.len(), expected, "{lines:?} {trailers:?}");
        if expected > 0 {
            assert_eq!((trailers.one("x-sum"), trailers.one("x-other")), (Some("1"), Some("two words")));
        }
    }
}

#[tokio::test]
async fn trailers_alone_after_no_data() {
    let answer = || Answer::new(200).header("Trailer", "X-Sum").chunks([""]).trailer("X-Sum", "0");
    let relay = Relay::plain(move |_| Script::answer(answer())).await;
    let request = "POST /api/x HTTP/1.1\r\nHost: test\r\nTE: trailers\r\nTrailer: X-Sum\r\n\
                   Transfer-Encoding: chunked\r\n\r\n0\r\nX-Sum: 0\r\n\r\n";
    let exchange = relay.exchange(request).await;
    assert_eq!(exchange.seen().body.trailers.one("x-sum"), Some("0"));
    assert_eq!(exchange.response.body.trailers.one("x-sum"), Some("0"));
}

#[tokio::test]
async fn h2_in_front_of_h1_both_ways() {
    let relay = Relay::plain(|_| Script::answer(with_trailers())).await;
    let (mut client, _connection) = h2::raw(relay.gateway.addr).await;
    let head = Request::post("http://test/api/x").header("te", "trailers").header("trailer", announced());
    let (response, mut body) = client.send_request(head.body(()).unwrap(), false).unwrap();
    body.send_data("abc".into(), false).unwrap();
    body.send_trailers(trailers_of_h2()).unwrap();
    let mut received = within("a response", response).await.unwrap().into_body();

    relay.upstream.assert_clean();
    let seen = &relay.upstream.wait_for(1).await[0];
    assert_eq!((seen.body.text().as_str(), seen.headers.one("te")), ("abc", Some("trailers")));
    assert_eq!(seen.body.trailers.one("x-sum"), Some("1"));
    assert_eq!(seen.body.trailers.one("x-other"), Some("two words"));
    assert_eq!(seen.body.trailers.0.len(), 2, "{:?}", seen.body.trailers);

    let mut content = Vec::new();
    while let Some(piece) = within("more of the body", received.data()).await {
        content.extend_from_slice(&piece.unwrap());
    }
    assert_eq!(content, b"abc");
    let trailers = within("the trailers", received.trailers()).await.unwrap().unwrap();
    let mut names: Vec<&str> = trailers.keys().map(HeaderName::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["x-other", "x-sum"]);
    assert_eq!([&trailers["x-sum"], &trailers["x-other"]], ["1", "two words"]);
}

/// Two allowed trailers, and every forbidden one that HTTP/2 can express.
fn trailers_of_h2() -> HeaderMap {
    let names = FORBIDDEN.iter().filter(|name| !is_of_a_connection(name));
    let forbidden = names.map(|name| (name.parse().unwrap(), HeaderValue::from_static("1")));
    let mut trailers: HeaderMap = forbidden.collect();
    trailers.insert("x-sum", HeaderValue::from_static("1"));
    trailers.insert("x-other", HeaderValue::from_static("two words"));
    trailers
}

/// Fields that HTTP/2 does not have and that its clients refuse to send.
fn is_of_a_connection(name: &str) -> bool {
    ["Transfer-Encoding", "Connection", "TE"].contains(&name)
}

/// A gRPC upstream needs trailers, and gRPC does not announce them.
#[tokio::test]
async fn h2_clients_get_trailers_that_were_not_announced() {
    let answer = || Answer::new(200).chunks(["abc"]).trailer("grpc-status", "0");
    let relay = Relay::plain(move |_| Script::answer(answer())).await;
    let response = H2Client::connect(relay.gateway.addr).await.get("/api/x").await;
    assert_eq!(response.trailers.unwrap()["grpc-status"], "0");
}

#[tokio::test]
async fn over_h1_all_pass_announced_or_not() {
    let answer = || Answer::new(200).header("Trailer", "X-Sum").chunks(["abc"]);
    let answer = move || answer().trailer("X-Sum", "1").trailer("X-Other", "1");
    let relay = Relay::plain(move |_| Script::answer(answer())).await;
    let request = "POST /api/x HTTP/1.1\r\nHost: test\r\nTE: trailers\r\nTrailer: X-Sum\r\n\
                   Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 1\r\nX-Other: 1\r\n\r\n";
    let exchange = relay.exchange(request).await;
    let (upstream, client) = (exchange.seen(), &exchange.response);
    for body in [&upstream.body, &client.body] {
        assert!(body.is_complete() && body.text() == "abc", "{body:?}");
        let sent = (body.trailers.one("x-sum"), body.trailers.one("x-other"));
        assert_eq!(sent, (Some("1"), Some("1")));
    }
}
