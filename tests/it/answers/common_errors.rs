//! `[errors]`: what clients read of the errors that no route's own `errors` says anything about.

use std::convert::Infallible;

use axum::body::Body;
use axum::http::{Request, Response};
use tower::service_fn;

use crate::support::gateway::TestGateway;
use crate::support::h2::H2Client;
use crate::support::raw::{self, RawClient};
use crate::support::recorder::{RecordingUpstream, Script, Step};

const JSON: &str = "Accept: application/json\r\n";

/// Pages for all; `/own` and `/none` have `errors` of their own. The upstream closes at `/dead`, says nothing at
/// `/silent`, and has a 404 of its own elsewhere. `/program` is a service that panics, or answers with 404.
async fn gateway(keys: &str) -> (RecordingUpstream, TestGateway) {
    let upstream = RecordingUpstream::start(|request| match request.target.as_str() {
        "/dead" => Script::default().then(Step::Close),
        "/silent" => Script::silence(),
        _ => Script::status(404),
    })
    .await;
    let config = format!(
        "{keys}\nerrors = {{ 4xx = {{ body = \"page 4\" }}, 5xx = {{ body = \"page 5\" }} }}\n\
         [limits]\nuri = \"100\"\n\
         [pools.one]\nupstreams = [\"{}\"]\n\
         [routes.\"/api\"]\npool = \"one\"\n\
         [routes.\"/gated\"]\npool = \"one\"\nadmin_tokens = [\"0123456789abcdef\"]\n\
         [routes.\"/gone\"]\nrespond = 410\n\
         [routes.\"/own\"]\npool = \"one\"\nerrors = {{ 502 = {{ body = \"own page\" }}, problem = false }}\n\
         [routes.\"/own-gone\"]\nrespond = 410\nerrors = {{ 502 = {{ body = \"own page\" }}, problem = false }}\n\
         [routes.\"/none\"]\npool = \"one\"\nerrors = false\n",
        upstream.url()
    );
    let gateway =
        TestGateway::start_with(&config, |gateway| gateway.nest_service("/program", service_fn(program)));
    (upstream, gateway)
}

async fn program(request: Request<Body>) -> Result<Response<Body>, Infallible> {
    assert!(request.uri().path() != "/panic", "a panic that is expected");
    Ok(Response::builder().status(404).body(Body::from("the program's own")).unwrap())
}

async fn ask(gateway: &TestGateway, method: &str, rest: &str) -> raw::Response {
    let mut client = RawClient::connect(gateway.addr).await;
    client.send(format!("{method} {rest}\r\n")).await;
    client.response_to(method).await
}

fn of(path: &str) -> String {
    format!("{path} HTTP/1.1\r\nHost: test\r\n")
}

#[tokio::test]
async fn what_fails_outside_of_routes_has_its_page() {
    let (_upstream, gateway) = gateway("timeouts.request = \"400ms\"").await;
    let long = "x".repeat(200);
    for (method, rest, status, field) in [
        ("GET", of("/elsewhere"), 404, None),
        ("GET", of("/api/../gated"), 400, Some("proxy-status")),
        ("GET", of("/a b"), 400, Some("proxy-status")),
        ("GET", "/ HTTP/1.1\r\nHost : test\r\n".to_owned(), 400, Some("proxy-status")),
        ("GET", of(&format!("/{long}")), 414, Some("proxy-status")),
        ("GET", format!("{}{}", of("/"), "X: y\r\n".repeat(200)), 431, Some("proxy-status")),
        ("TRACE", of("/api/x"), 405, Some("allow")),
        ("POST", format!("{}Content-Length: 0\r\n", of("/healthz")), 405, Some("allow")),
        ("GET", of("/program/panic"), 500, Some("proxy-status")),
        ("GET", of("/api/silent"), 503, Some("retry-after")),
    ] {
        let answer = ask(&gateway, method, &rest).await;
        let page = format!("page {}", status / 100);
        assert_eq!((answer.status(), answer.text()), (status, page), "{method} {rest}");
        assert!(field.is_none_or(|field| answer.header(field).is_some()), "{method} {rest}: {answer:?}");
        assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
    }
    let mut h2 = H2Client::connect(gateway.addr).await;
    let answer = h2.get("/elsewhere").await;
    assert_eq!((answer.status.as_u16(), &*answer.body), (404, &b"page 4"[..]));
}

#[tokio::test]
async fn routes_without_errors_of_their_own_have_it_too() {
    let (_upstream, gateway) = gateway("").await;
    for (path, status, text) in [
        ("/api/dead", 502, "page 5"),
        ("/gated/x", 401, "page 4"),
        ("/gone", 410, "page 4"),
        // What is an upstream's, or the program's, stays.
        ("/api/x", 404, ""),
        ("/program/x", 404, "the program's own"),
        // A route's own are all that it has.
        ("/own/dead", 502, "own page"),
        ("/own-gone", 410, ""),
        ("/none/dead", 502, "Bad Gateway\n"),
    ] {
        let answer = ask(&gateway, "GET", &of(path)).await;
        assert_eq!((answer.status(), &*answer.text()), (status, text), "{path}");
    }
}

#[tokio::test]
async fn whoever_rather_reads_json_gets_problem_details() {
    let (_upstream, gateway) = gateway("").await;
    for (rest, status, error) in [
        (of("/elsewhere"), 404, None),
        (of("/program/panic"), 500, Some("proxy_internal_error")),
        ("/ HTTP/1.1\r\nHost: a\r\nHost: b\r\n".to_owned(), 400, Some("http_request_error")),
    ] {
        let answer = ask(&gateway, "GET", &format!("{rest}{JSON}X-Request-Id: abc\r\n")).await;
        assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{rest}");
        let problem: serde_json::Value = serde_json::from_str(&answer.text()).unwrap();
        assert_eq!((answer.status(), &problem["status"]), (status, &status.into()));
        assert_eq!((problem["error"].as_str(), problem["request_id"].as_str()), (error, Some("abc")));
        assert_eq!(answer.headers().all("vary"), ["accept"]);
    }
}

#[tokio::test]
async fn a_head_has_the_length_and_grpc_its_own_form() {
    let (_upstream, gateway) = gateway("").await;
    let head = ask(&gateway, "HEAD", &of("/elsewhere")).await;
    assert_eq!((head.status(), head.header("content-length"), &*head.text()), (404, Some("6"), ""));
    let grpc =
        ask(&gateway, "POST", &format!("{}Content-Type: application/grpc\r\n", of("/program/panic"))).await;
    assert_eq!((grpc.status(), grpc.header("grpc-status"), &*grpc.text()), (200, Some("13"), ""));
}

#[tokio::test]
async fn a_reload_changes_it() {
    let (upstream, gateway) = gateway("").await;
    let mut client = RawClient::connect(gateway.addr).await;
    let pool =
        format!("[pools.one]\nupstreams = [\"{}\"]\n[routes.\"/api\"]\npool = \"one\"", upstream.url());
    assert_eq!(client.get("/elsewhere").await.text(), "page 4");
    for (errors, text) in [("errors = { 404 = { body = \"another\" } }", "another"), ("", "Not Found\n")] {
        let applied = gateway.apply(&format!("{errors}\n{pool}")).await.unwrap();
        assert!(applied.settings.contains(&"errors"), "{applied}");
        assert_eq!(client.get("/elsewhere").await.text(), text);
    }
}

#[tokio::test]
async fn its_pages_are_compressed_where_a_route_compresses() {
    let page = "so sorry ".repeat(1000);
    let config = format!(
        "errors = {{ 410 = {{ body = \"{page}\", content_type = \"text/html\" }} }}\n\
         [routes.\"/plain\"]\nrespond = 410\n\
         [routes.\"/compressed\"]\nrespond = 410\ncompression = true\n",
    );
    let gateway = TestGateway::start(&config);
    for (path, coding) in [("/plain", None), ("/compressed", Some("gzip"))] {
        let answer = ask(&gateway, "GET", &format!("{}Accept-Encoding: gzip\r\n", of(path))).await;
        assert_eq!((answer.status(), answer.header("content-encoding")), (410, coding), "{path}");
    }
}
