//! What is counted of requests.

use super::scraped::{Scraped, routes_to, until};
use crate::support::gateway::{TestGateway, one_pool};
use crate::support::raw::RawClient;
use crate::support::recorder::{Answer, RecordingUpstream, Script};
use crate::support::unreachable::Refusing;

#[tokio::test]
async fn requests_are_counted_by_route_method_and_status() {
    let upstream = RecordingUpstream::start(|request| match &*request.target {
        "/missing" => Script::status(404),
        "/broken" => Script::status(500),
        "/odd" => Script::status(299),
        _ => Script::ok("answer"),
    })
    .await;
    let gateway = TestGateway::start(&routes_to(upstream.addr()));
    let mut client = RawClient::connect(gateway.addr).await;
    for path in ["/api/x", "/api/y", "/api/missing", "/api/broken", "/api/odd", "/static/x", "/nowhere"] {
        client.get(path).await;
    }
    client.exchange(b"POST /api/x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", "POST").await;
    client.exchange(b"BREW /api/x HTTP/1.1\r\nHost: a\r\n\r\n", "BREW").await;
    client.exchange(b"GET /admin/x HTTP/1.1\r\nHost: a\r\n\r\n", "GET").await;
    until(&gateway, "the last one to end", |scraped| scraped.sum("gateway_requests_total") == 10.0).await;
    let scraped = Scraped::from(&gateway.handle);
    for (labels, expected) in [
        ("route=\"/api\",method=\"GET\",code=\"200\"", 2.0),
        ("route=\"/api\",method=\"GET\",code=\"404\"", 1.0),
        ("route=\"/api\",method=\"GET\",code=\"500\"", 1.0),
        ("route=\"/api\",method=\"GET\",code=\"2xx\"", 1.0),
        ("route=\"/api\",method=\"POST\",code=\"200\"", 1.0),
        ("route=\"/api\",method=\"other\",code=\"200\"", 1.0),
        ("route=\"/static\",method=\"GET\",code=\"200\"", 1.0),
        ("route=\"/admin\",method=\"GET\",code=\"401\"", 1.0),
        ("route=\"none\",method=\"GET\",code=\"404\"", 1.0),
    ] {
        assert_eq!(scraped.value(&format!("gateway_requests_total{{{labels}}}")), expected, "{labels}");
    }
    for (sample, expected) in [
        ("gateway_requests_failed_total{route=\"/api\"}", 1.0),
        ("gateway_request_body_bytes_total{route=\"/api\"}", 5.0),
        ("gateway_response_body_bytes_total{route=\"/static\"}", 6.0),
        ("gateway_request_duration_seconds_count{route=\"/api\"}", 7.0),
        ("gateway_request_time_to_head_seconds_count{route=\"/api\"}", 7.0),
        ("gateway_requests_in_flight{route=\"/api\"}", 0.0),
    ] {
        assert_eq!(scraped.value(sample), expected, "{sample}");
    }
}

#[tokio::test]
async fn errors_have_their_names() {
    let dead = Refusing::new();
    let gateway = TestGateway::start(&one_pool(&format!("http://{}", dead.addr), ""));
    let mut client = RawClient::connect(gateway.addr).await;
    client.get("/api/x").await;
    RawClient::connect(gateway.addr).await.exchange(b"GET / HTTP/1.1\r\n\r\n", "GET").await;
    until(&gateway, "both to end", |scraped| scraped.sum("gateway_requests_total") == 2.0).await;
    let scraped = Scraped::from(&gateway.handle);
    let errors: Vec<_> = scraped.samples().filter(|(name, _)| name.contains("request_errors")).collect();
    assert_eq!(errors.len(), 2, "{errors:?}");
    let refused = "gateway_request_errors_total{route=\"/api\",error=\"connection_refused\"}";
    assert_eq!(scraped.value(refused), 1.0, "{errors:?}");
    assert!(errors.iter().any(|(name, _)| name.contains("route=\"none\"")), "{errors:?}");
}

#[tokio::test]
async fn a_client_that_leaves_is_no_failure() {
    let upstream = RecordingUpstream::start(|_| Script::silence()).await;
    let gateway = TestGateway::start(&one_pool(&upstream.url(), ""));
    let mut client = RawClient::connect(gateway.addr).await;
    client.send(b"GET /api/x HTTP/1.1\r\nHost: a\r\n\r\n").await;
    until(&gateway, "it to be in flight", |scraped| scraped.sum("gateway_requests_in_flight") == 1.0).await;
    assert_eq!(Scraped::from(&gateway.handle).sum("gateway_endpoint_requests_in_flight"), 1.0);
    drop(client);
    until(&gateway, "it to end", |scraped| scraped.sum("gateway_requests_total") == 1.0).await;
    let scraped = Scraped::from(&gateway.handle);
    assert_eq!(scraped.value("gateway_requests_total{route=\"/api\",method=\"GET\",code=\"499\"}"), 1.0);
    assert_eq!(scraped.sum("gateway_requests_failed_total"), 0.0);
    assert_eq!(scraped.sum("gateway_requests_in_flight"), 0.0);
}

#[tokio::test]
async fn an_answer_that_breaks_off_has_failed() {
    let cut = Answer::new(200).header("content-length", "10").until_close("half");
    let upstream = RecordingUpstream::start(move |_| Script::answer(cut.clone())).await;
    let gateway = TestGateway::start(&one_pool(&upstream.url(), ""));
    let mut client = RawClient::connect(gateway.addr).await;
    client.send(b"GET /api/x HTTP/1.1\r\nHost: a\r\n\r\n").await;
    client.rest().await;
    until(&gateway, "it to end", |scraped| scraped.sum("gateway_requests_total") == 1.0).await;
    let scraped = Scraped::from(&gateway.handle);
    assert_eq!(scraped.value("gateway_requests_total{route=\"/api\",method=\"GET\",code=\"200\"}"), 1.0);
    assert_eq!(scraped.sum("gateway_requests_failed_total"), 1.0);
}

#[tokio::test]
async fn a_reload_keeps_the_numbers_of_routes_that_stay() {
    let upstream = RecordingUpstream::start(|_| Script::ok("answer")).await;
    let both = routes_to(upstream.addr());
    let gateway = TestGateway::start(&both);
    let mut client = RawClient::connect(gateway.addr).await;
    client.get("/api/x").await;
    client.get("/static/x").await;
    gateway.apply(&one_pool(&upstream.url(), "timeouts.request = \"9s\"")).await.unwrap();
    client.get("/api/x").await;
    until(&gateway, "the last one to end", |scraped| {
        scraped.value("gateway_requests_total{route=\"/api\",method=\"GET\",code=\"200\"}") == 2.0
    })
    .await;
    until(&gateway, "the other route to go", |scraped| !scraped.has("route=\"/static\"")).await;
    let scraped = Scraped::from(&gateway.handle);
    assert_eq!(scraped.value("gateway_config_generation"), 2.0);
    assert_eq!(scraped.value("gateway_config_last_reload_refused"), 0.0);
}
