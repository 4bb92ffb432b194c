//! What is shown of the gateway, its routes, its pools and their endpoints.

use http::StatusCode;
use serde_json::json;

use crate::support::gateway::{TestGateway, topology};
use crate::support::operator::{ask, endpoint};
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordingUpstream, Script};

#[tokio::test]
async fn routes_and_pools_are_those_of_the_configuration() {
    let upstream = RecordingUpstream::start(|_| Script::ok("fine")).await;
    let gateway = TestGateway::over(upstream.addr(), "127.0.0.1:1".parse().unwrap());
    let mut client = RawClient::connect(gateway.addr).await;
    assert_eq!(client.get("/static/x").await.status(), 200);
    let routes = ask(&gateway.handle, "/api/v1/routes").await.json();
    let routes: Vec<_> = routes["routes"].as_array().unwrap().iter().collect();
    let named: Vec<_> =
        routes.iter().map(|route| (&route["name"], &route["pool"], &route["gated"])).collect();
    let expected = [
        (json!("/admin"), json!("admin"), json!(true)),
        (json!("/api"), json!("api"), json!(false)),
        (json!("/static"), json!("static"), json!(false)),
    ];
    assert_eq!(named, expected.each_ref().map(|(name, pool, gated)| (name, pool, gated)));

    let pool = ask(&gateway.handle, "/api/v1/pools/static").await.json();
    assert_eq!(
        (&pool["name"], &pool["policy"], &pool["usable"]),
        (&json!("static"), &json!("round_robin"), &json!(1))
    );
    let one = &pool["endpoints"][0];
    assert_eq!(
        (&one["url"], &one["state"], &one["why"]),
        (&json!(upstream.url()), &json!("available"), &json!("healthy"))
    );
    assert_eq!((&one["requests"], &one["failures"], &one["share"]), (&json!(1), &json!(0), &json!(1.0)));
    assert_eq!((&one["connections"]["open"], &one["connections"]["idle"]), (&json!(1), &json!(1)));
    assert_eq!(one["id"].as_str().unwrap().len(), 16);
    let again = endpoint(&gateway.handle, "http://127.0.0.1:1").await;
    assert_ne!(one["id"], again["id"]);

    let said = ask(&gateway.handle, "/api/v1/pools/nope").await;
    assert_eq!(said.status, StatusCode::NOT_FOUND);
    assert_eq!(
        said.json(),
        json!({ "type": "about:blank", "title": "Not Found", "status": 404, "detail": "there is no pool nope" })
    );
    assert_eq!(ask(&gateway.handle, "/api/v1/nothing").await.json()["status"], 404);
}

#[tokio::test]
async fn the_status_follows_reloads() {
    let topology = topology("127.0.0.1:1".parse().unwrap(), "127.0.0.1:2".parse().unwrap());
    let gateway = TestGateway::on_workers(2, &topology, |gateway| gateway);
    let status = ask(&gateway.handle, "/api/v1/status").await.json();
    assert_eq!((&status["generation"]["number"], &status["version"]), (&json!(1), &json!("0.1.0")));
    assert_eq!((&status["demo"], &status["draining"]), (&json!(false), &json!(false)));
    assert!(status["uptime"].as_f64().unwrap() >= 0.0 && status["started"].as_str().unwrap().ends_with('Z'));
    let extended = format!("{topology}\n[routes.\"/more\"]\npool = \"api\"\n");
    gateway.apply(&extended).await.unwrap();
    let status = ask(&gateway.handle, "/api/v1/status").await.json();
    assert_eq!(status["generation"]["number"], 2);
    assert_eq!(status["generation"]["digest"].as_str().unwrap().len(), 64);
    let refused = gateway.apply(&format!("workers = 77\n{extended}")).await.unwrap_err().to_string();
    let status = ask(&gateway.handle, "/api/v1/status").await.json();
    assert_eq!(status["generation"]["refused"]["why"], refused);
}

#[tokio::test]
async fn listeners_are_shown_with_their_real_ports() {
    let gateway = TestGateway::listening(
        "redirect = \"https:8443\"",
        &topology("127.0.0.1:1".parse().unwrap(), "127.0.0.1:2".parse().unwrap()),
    );
    // It has answered, so it serves.
    RawClient::connect(gateway.addr).await.get("/").await;
    let status = ask(&gateway.handle, "/api/v1/status").await.json();
    let listener = &status["listeners"][0];
    assert_eq!(listener["address"], gateway.addr.to_string());
    assert_eq!((&listener["scheme"], &listener["redirect"]), (&json!("http"), &json!("https:8443")));
}
