//! What clients read where something failed.

use serde_json::json;

use super::{ask, route};
use crate::support::raw::Response;
use crate::support::recorder::{Answer, Script, Step};
use crate::support::relay::Relay;

const JSON: &str = "Accept: application/json, text/plain, */*";
const BROWSER: &str = "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

/// A route with pages; the upstream closes at `/dead`, and answers with the status that is the path otherwise.
async fn relay(more: &str) -> (tempfile::TempDir, Relay) {
    let directory = tempfile::tempdir().unwrap();
    let sorry = directory.path().join("sorry.html");
    std::fs::write(&sorry, "<h1>Sorry.</h1>").unwrap();
    let pages = format!(
        "errors = {{ 502 = '{}', 4xx = {{ body = \"no\\n\" }}, 503 = {{ body = \"{{}}\", content_type = \"application/json\" }}{more} }}",
        sorry.display()
    );
    let relay = Relay::start("", &route(&pages), |request| match request.target.as_str() {
        "/dead" => Script::default().then(Step::Close),
        target => {
            let status = target[1..].parse().unwrap();
            let answer = Answer::new(status).header("etag", "\"1\"").header("x-kept", "1");
            let answer = answer.header("repr-digest", "sha-256=:x:").header("content-location", "/x");
            Script::answer(answer.header("content-type", "text/css").body("the upstream's own"))
        }
    })
    .await;
    (directory, relay)
}

fn json(answer: &Response) -> serde_json::Value {
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    serde_json::from_str(&answer.text()).unwrap()
}

#[tokio::test]
async fn each_client_reads_what_it_can() {
    let (_files, relay) = relay("").await;
    for lines in [&[][..], &["Accept: */*"], &[BROWSER], &["Accept: application/json;q=0"]] {
        let answer = ask(&relay, "GET", "/dead", lines).await;
        assert_eq!((answer.status(), &*answer.text()), (502, "<h1>Sorry.</h1>"), "{lines:?}");
        assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
        assert_eq!(answer.header("proxy-status"), Some("gateway; error=connection_terminated"));
        assert_eq!(answer.headers().all("vary"), ["accept"]);
    }
    let answer = ask(&relay, "GET", "/dead", &[JSON, "X-Request-Id: abc"]).await;
    let expected = json!({
        "type": "about:blank",
        "title": "Bad Gateway",
        "status": 502,
        "error": "connection_terminated",
        "request_id": "abc",
    });
    assert_eq!((answer.status(), json(&answer)), (502, expected));
}

#[tokio::test]
async fn a_head_has_the_length_and_grpc_its_own_form() {
    let (_files, relay) = relay("").await;
    let head = ask(&relay, "HEAD", "/dead", &[]).await;
    assert_eq!((head.status(), head.header("content-length"), &*head.text()), (502, Some("15"), ""));
    let grpc = ask(&relay, "GET", "/dead", &["Content-Type: application/grpc", JSON]).await;
    assert_eq!((grpc.status(), grpc.header("grpc-status"), &*grpc.text()), (200, Some("14"), ""));
}

#[tokio::test]
async fn refusals_are_errors_as_well() {
    let keys = "admin_tokens = [\"0123456789abcdef\"]\nerrors = { 401 = { body = \"who?\" } }";
    let relay = Relay::start("", &route(keys), |_| Script::ok("x")).await;
    let answer = ask(&relay, "GET", "/", &[]).await;
    assert_eq!((answer.status(), &*answer.text()), (401, "who?"));
    assert!(answer.header("www-authenticate").is_some());
    assert_eq!(json(&ask(&relay, "GET", "/", &[JSON]).await)["title"], "Unauthorized");
}

#[tokio::test]
async fn an_upstreams_own_answer_is_replaced_only_if_that_is_asked_for() {
    let (_files, relay) = relay("").await;
    for status in ["404", "502"] {
        let answer = ask(&relay, "GET", &format!("/{status}"), &[JSON]).await;
        assert_eq!((answer.text().as_str(), answer.header("etag")), ("the upstream's own", Some("\"1\"")));
    }
    let (_files, relay) = relay_intercepting().await;
    for (status, lines, text) in [
        ("404", &[][..], "no\n"),
        ("502", &[], "<h1>Sorry.</h1>"),
        ("503", &[JSON], "{}"),
        ("500", &[], "the upstream's own"),
        ("500", &[JSON], "the upstream's own"),
        ("200", &[], "the upstream's own"),
    ] {
        let answer = ask(&relay, "GET", &format!("/{status}"), lines).await;
        assert_eq!((answer.head.status.to_string().as_str(), &*answer.text()), (status, text));
        assert_eq!(answer.header("x-kept"), Some("1"));
        for of_its_body in ["etag", "repr-digest", "content-location"] {
            assert_eq!(answer.header(of_its_body).is_some(), text == "the upstream's own", "{status}");
        }
    }
    assert_eq!(json(&ask(&relay, "GET", "/404", &[JSON]).await)["status"], 404);
    // The bodies that nobody saw were read to their ends.
    assert_eq!(relay.upstream.connections().len(), 1);
}

#[tokio::test]
async fn a_late_answer_is_an_error_as_well() {
    let pages = route("errors = { 503 = { body = \"later\" } }");
    let relay = Relay::start("timeouts.request = \"300ms\"", &pages, |_| Script::silence()).await;
    let answer = ask(&relay, "GET", "/", &[]).await;
    assert_eq!((answer.status(), &*answer.text()), (503, "later"));
}

/// The page isn't kept back by an upstream that doesn't get to the end of what nobody will see.
#[tokio::test]
async fn an_upstreams_own_body_is_not_waited_for_for_long() {
    let routes = route("errors = { intercept = true, 502 = { body = \"page\" } }");
    let relay = Relay::start("timeouts.body_idle = \"off\"", &routes, |_| {
        let begins = "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 8\r\n\r\nprog";
        Script::raw(begins).then(Step::AwaitClose)
    })
    .await;
    let answer = ask(&relay, "GET", "/", &[]).await;
    assert_eq!((answer.status(), &*answer.text()), (502, "page"));
    relay.upstream.next_closed().await;
}

async fn relay_intercepting() -> (tempfile::TempDir, Relay) {
    relay(", intercept = true").await
}

#[tokio::test]
async fn what_was_said_on_purpose_stays() {
    let routes = "[routes.\"/said\"]\nrespond = { status = 503, body = \"closed for today\" }\nerrors = { 503 = { body = \"page\" } }\n\
                  [routes.\"/unsaid\"]\nrespond = 503\nerrors = { 5xx = { body = \"page\" } }\n\
                  [routes.\"/true\"]\nrespond = 503\nerrors = true\n\
                  [routes.\"/pages\"]\nrespond = 503\nerrors = { problem = false, 5xx = { body = \"page\" } }";
    let relay = Relay::start("", routes, |_| Script::ok("x")).await;
    for (path, lines, text) in [
        ("/said", &[JSON][..], "closed for today"),
        ("/unsaid", &[], "page"),
        ("/pages", &[JSON], "page"),
        ("/true", &[], ""),
    ] {
        let answer = ask(&relay, "GET", path, lines).await;
        assert_eq!((answer.status(), &*answer.text()), (503, text), "{path}");
    }
    assert_eq!(json(&ask(&relay, "GET", "/true", &[JSON]).await)["title"], "Service Unavailable");
    // Whoever keeps an answer learns that others are told something else.
    for (path, expected) in
        [("/said", &[][..]), ("/unsaid", &["accept"]), ("/pages", &[]), ("/true", &["accept"])]
    {
        assert_eq!(ask(&relay, "GET", path, &[]).await.headers().all("vary"), expected, "{path}");
    }
}
