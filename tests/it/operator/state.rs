//! What is shown of the gateway, its routes, its pools and their endpoints.

use http::StatusCode;
use serde_json::json;

use crate::support::gateway::{TestGateway, topology};
use crate::support::operator::{ask, endpoint};
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordingUpstream, Script};
use crate::support::within;

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

/// Routes, endpoints and listeners count what comes to them, and the last failure says which request it was.
#[tokio::test]
async fn traffic_and_failures_are_shown() {
    let upstream = RecordingUpstream::start(|_| Script::ok("fine")).await;
    let dead = "http://127.0.0.1:1";
    let config = format!(
        "[pools.good]\nupstreams = [\"{}\"]\n[pools.dead]\nupstreams = [\"{dead}\"]\n\
         [routes.\"/good\"]\npool = \"good\"\n[routes.\"/dead\"]\npool = \"dead\"\n",
        upstream.url()
    );
    let gateway = TestGateway::on_workers(1, &config, |gateway| gateway);
    let mut client = RawClient::connect(gateway.addr).await;
    for _ in 0..3 {
        assert_eq!(client.get("/good/x").await.status(), 200);
    }
    client.send("GET /dead/x?q=1 HTTP/1.1\r\nHost: test\r\nX-Request-Id: the-one\r\n\r\n").await;
    assert_eq!(client.response().await.status(), 502);
    let errors = within("the failure to be noted", async {
        loop {
            let errors = ask(&gateway.handle, "/api/v1/errors").await.json();
            if errors["errors"][0].is_object() {
                return errors;
            }
        }
    })
    .await;
    let error = &errors["errors"][0];
    assert_eq!((&error["request_id"], &error["status"]), (&json!("the-one"), &json!(502)));
    assert_eq!((&error["path"], &error["route"]), (&json!("/dead/x"), &json!("/dead")));
    assert_eq!((&error["upstream"], &error["client"]), (&json!(dead), &json!("127.0.0.1")));
    let last = endpoint(&gateway.handle, dead).await["last_error"].clone();
    assert_eq!((&last["request_id"], &last["error"]), (&json!("the-one"), &error["error"]));

    let routes = ask(&gateway.handle, "/api/v1/routes").await.json();
    let counts: Vec<_> = routes["routes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|route| (&route["requests"], &route["errors"]))
        .collect();
    assert_eq!(counts, [(&json!(1), &json!(1)), (&json!(3), &json!(0))]);
    let connections = ask(&gateway.handle, "/api/v1/connections").await.json();
    let listener = &connections["listeners"][0];
    assert_eq!((&listener["open"], &listener["accepted"]), (&json!(1), &json!(1)), "{connections}");
    let status = ask(&gateway.handle, "/api/v1/status").await.json();
    assert_eq!(status["listeners"][0]["connections"], 1, "{status}");
    within("a second's sample", async {
        while ask(&gateway.handle, "/api/v1/history").await.json()["requests"].as_array().unwrap().is_empty()
        {
        }
    })
    .await;
    let metrics = ask(&gateway.handle, "/metrics").await.text;
    assert!(metrics.contains("gateway_"), "{metrics}");
}
