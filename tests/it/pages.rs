//! The pages that the gateway answers itself.

use std::sync::Arc;

use crate::support::gateway::TestGateway;
use crate::support::h2;
use crate::support::raw::RawClient;
use crate::support::recorder::{Answer, Script, Step};
use crate::support::relay::{Relay, get};
use crate::support::within;
use tokio::net::TcpStream;
use tokio::sync::Notify;

/// Clients learn from the gateway's own pages that it is there and since when it is as it is, and nothing of what it does.
#[tokio::test]
async fn they_say_nothing_of_the_gateway() {
    let topology =
        crate::support::gateway::topology("127.0.0.1:1".parse().unwrap(), "127.0.0.1:2".parse().unwrap());
    let gateway = TestGateway::start(&format!("[pages]\nindex = \"/\"\n{topology}"));
    let mut client = RawClient::connect(gateway.addr).await;
    for (path, said) in [("/", "a gateway is here\n"), ("/healthz", "alive\n"), ("/readyz", "ready\n")] {
        let page = client.get(path).await;
        assert_eq!((page.status(), page.header("content-type")), (200, Some("text/plain; charset=utf-8")));
        let (text, status) = (page.text(), gateway.handle.status().to_string());
        assert_eq!(text.strip_suffix(&status).unwrap_or(&text), said);
    }
    gateway.apply(&topology).await.unwrap();
    assert_eq!(client.get("/").await.status(), 404, "there is no index page unless it is asked for");
}

#[tokio::test]
async fn a_route_for_everything_leaves_the_health() {
    let everything = ["[routes.\"/\"]\npool = \"plain\"", "[[route]]\npriority = 7\npool = \"plain\""];
    for route in everything {
        let relay = Relay::start("", route, |_| Script::ok("upstream")).await;
        for (path, expected) in [("/", "upstream"), ("/healthz", "alive\n"), ("/readyz", "ready\n")] {
            let text = relay.exchange(get(path, &[])).await.response.text();
            assert!(text.starts_with(expected), "{route} {path}: {text}");
        }
        assert_eq!(relay.exchange(get("/healthz/x", &[])).await.seen().target, "/healthz/x");
    }
}

#[tokio::test]
async fn an_application_may_have_its_own() {
    let everything = "[routes.\"/\"]\npool = \"plain\"\n";
    let application = "upstream";
    let health = "[routes.\"/healthz\"]\npool = \"plain\"\n";
    for (pages, routes, expected) in [
        ("pages = false", everything.to_owned(), [application; 3]),
        ("pages.health = false", everything.to_owned(), [application, application, "ready\n"]),
        ("pages.ready = \"/gateway/ready\"", everything.to_owned(), [application, "alive\n", application]),
        ("", format!("{everything}{health}"), [application, application, "ready\n"]),
    ] {
        let relay = Relay::start(pages, &routes, |_| Script::ok("upstream")).await;
        for (path, expected) in ["/", "/healthz", "/readyz"].into_iter().zip(expected) {
            let answer = relay.exchange(get(path, &[])).await.response;
            assert!(answer.text().starts_with(expected), "{path} with {pages:?} {routes:?}");
        }
    }
}

#[tokio::test]
async fn elsewhere_they_are_the_same() {
    let pages = "[pages]\nindex = \"/gateway\"\nhealth = \"/gateway/alive\"\nready = \"/api/ready\"";
    let routes = "[routes.\"/api\"]\npool = \"plain\"";
    let relay = Relay::start(pages, routes, |_| Script::ok("upstream")).await;
    for (path, begin) in [
        ("/gateway", "a gateway is here\n"),
        ("/gateway/alive", "alive\n"),
        ("/api/ready", "ready\n"),
        ("/api/readiness", "upstream"),
        ("/", "Not Found\n"),
        ("/healthz", "Not Found\n"),
        ("/readyz", "Not Found\n"),
    ] {
        let text = relay.exchange(get(path, &[])).await.response.text();
        assert!(text.starts_with(begin), "{path}: {text}");
    }
}

#[tokio::test]
async fn only_reading_is_allowed_there() {
    let relay = Relay::start("pages.index = \"/\"", crate::support::relay::API, |_| Script::ok("")).await;
    for path in ["/", "/healthz", "/readyz"] {
        let refused = relay.exchange(get(path, &[]).replacen("GET", "DELETE", 1)).await;
        assert_eq!(refused.refused(), 405, "{path}");
        assert!(refused.response.headers().lists("allow", "GET"), "{path}");
    }
}

/// A new connection is refused. A client with a request in flight is told that its connection ends.
#[tokio::test]
async fn once_the_shutdown_began_the_gateway_is_not_ready() {
    let told = Arc::new(Notify::new());
    let signal = told.clone();
    let relay = Relay::plain(move |_| {
        Script(vec![Step::AwaitSignal(signal.clone()), Step::Answer(Answer::new(200).body("late"))])
    })
    .await;
    let Relay { gateway, upstream } = relay;
    let addr = gateway.addr;
    let mut http1 = RawClient::connect(addr).await;
    http1.send(get("/api/x", &[])).await;
    let (mut http2, connection) = h2::raw(addr).await;
    let slow = http::Request::get("http://test/api/x").body(()).unwrap();
    let (slow, _) = http2.send_request(slow, true).unwrap();
    upstream.wait_for_heads(2).await;

    gateway.shutdown.begin();
    // Sent before the client reads the GOAWAY, and answered after the shutdown began, because the other task runs only
    // now.
    let ready = http::Request::get("http://test/readyz").body(()).unwrap();
    let (ready, _) = http2.send_request(ready, true).unwrap();
    assert_eq!(within("readiness", ready).await.unwrap().status(), 503);
    within("the listener to be gone", async { while TcpStream::connect(addr).await.is_ok() {} }).await;

    told.notify_one();
    told.notify_one();
    let late = http1.response().await;
    assert_eq!((late.text().as_str(), late.header("connection")), ("late", Some("close")));
    told.notify_one();
    assert_eq!(within("the slow stream", slow).await.unwrap().status(), 200);
    drop(http2);
    within("the HTTP/2 connection's end", connection).await.unwrap().unwrap();
    let report = gateway.ended().await;
    assert_eq!((report.drained, report.aborted), (2, 0));
}
