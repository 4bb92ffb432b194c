//! What an operator may do, and what the audit log says of it.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use gateway::operator::Operator;
use http::Request;
use serde_json::{Value, json};

use crate::support::gateway::{TestGateway, one_pool};
use crate::support::operator::{Said, ask, endpoint, sent};
use crate::support::process::Process;
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordingUpstream, Script};
use crate::support::within;

/// A pool of two upstreams, which answer with their numbers.
struct Two {
    gateway: TestGateway,
    upstreams: [RecordingUpstream; 2],
    config: String,
}

impl Two {
    async fn start() -> Self {
        let upstreams = [
            RecordingUpstream::start(|_| Script::ok("0")).await,
            RecordingUpstream::start(|_| Script::ok("1")).await,
        ];
        let urls: Vec<String> = upstreams.iter().map(RecordingUpstream::url).collect();
        let config = format!(
            "[pools.api]\nupstreams = {urls:?}\nslow_start = false\n[routes.\"/api\"]\npool = \"api\"\n"
        );
        Self { gateway: TestGateway::start(&config), upstreams, config }
    }

    async fn shown(&self, which: usize) -> Value {
        endpoint(&self.gateway.handle, &self.upstreams[which].url()).await
    }

    /// Does something to an endpoint, and returns how it is then.
    async fn act(&self, method: &str, which: usize, action: &str, body: &str) -> Value {
        let said = self.try_to(method, which, action, body).await;
        assert_eq!(said.status, 200, "{said:?}");
        let after = said.json();
        assert_eq!(after["url"], self.upstreams[which].url());
        after
    }

    async fn try_to(&self, method: &str, which: usize, action: &str, body: &str) -> Said {
        let id = self.shown(which).await["id"].as_str().unwrap().to_owned();
        self.request(method, &format!("/api/v1/pools/api/endpoints/{id}/{action}"), body).await
    }

    async fn request(&self, method: &str, path: &str, body: &str) -> Said {
        sent(self.app(), marked(method, path, body)).await
    }

    fn app(&self) -> Router {
        Operator::of(self.gateway.handle.clone()).router()
    }

    /// How many of so many requests each upstream answers.
    async fn answers(&self, requests: usize) -> [usize; 2] {
        let mut client = RawClient::connect(self.gateway.addr).await;
        let mut answers = [0; 2];
        for _ in 0..requests {
            let which: usize = client.get("/api/x").await.text().parse().unwrap();
            answers[which] += 1;
        }
        answers
    }
}

pub(super) fn marked(method: &str, path: &str, body: &str) -> Request<Body> {
    let request = Request::builder().method(method).uri(path).header("x-gateway-operator", "1");
    request.body(Body::from(body.to_owned())).unwrap()
}

#[tokio::test]
async fn a_drained_endpoint_gets_nothing_until_it_is_enabled() {
    let two = Two::start().await;
    assert_eq!(two.answers(10).await, [5, 5]);
    for _ in 0..2 {
        let after = two.act("POST", 0, "drain", "").await;
        assert_eq!((&after["state"], &after["share"]), (&json!("paused"), &json!(0.0)), "{after}");
    }
    assert_eq!(two.answers(10).await, [0, 10]);
    two.gateway.apply(&two.config.replace("[routes", "failover = 3\n[routes")).await.unwrap();
    assert_eq!(two.answers(10).await, [0, 10], "it outlives a reload that keeps the endpoint");
    let after = two.act("POST", 0, "enable", "").await;
    assert_eq!((&after["state"], &after["share"]), (&json!("available"), &json!(0.5)), "{after}");
    assert_eq!(two.answers(10).await, [5, 5]);
}

#[tokio::test]
async fn a_weight_holds_until_the_configuration_has_another_one() {
    let two = Two::start().await;
    assert_eq!(two.act("PUT", 0, "weight", r#"{"weight":4}"#).await["weight"], 4);
    assert_eq!(two.answers(10).await, [8, 2]);
    two.gateway.apply(&two.config.replace("[routes", "failover = 3\n[routes")).await.unwrap();
    assert_eq!(two.shown(0).await["weight"], 4);
    let url = two.upstreams[0].url();
    let heavier = two.config.replace(&format!("{url:?}"), &format!("{{ url = {url:?}, weight = 2 }}"));
    two.gateway.apply(&heavier).await.unwrap();
    assert_eq!(two.shown(0).await["weight"], 2);
}

#[tokio::test]
async fn an_ejection_ends_by_itself_or_by_hand() {
    let two = Two::start().await;
    let after = two.act("POST", 0, "eject", "").await;
    assert_eq!(after["state"], "ejected");
    assert!(
        after["why"].as_str().unwrap().contains("30 s left")
            || after["why"].as_str().unwrap().contains("29 s left"),
        "{after}"
    );
    assert_eq!(two.answers(10).await, [0, 10]);
    assert_eq!(two.act("POST", 0, "enable", "").await["state"], "available");
    assert_eq!(two.act("POST", 0, "eject", r#"{"seconds":1}"#).await["state"], "ejected");
    within("the end of the ejection", async {
        while two.shown(0).await["state"] == "ejected" {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
    assert_eq!(two.answers(10).await, [5, 5]);
}

#[tokio::test]
async fn what_cant_be_done_says_why() {
    let two = Two::start().await;
    for (method, path, status, detail) in [
        ("POST", "/api/v1/pools/nope/endpoints/0000000000000000/drain", 404, "there is no pool nope"),
        (
            "POST",
            "/api/v1/pools/api/endpoints/0000000000000000/drain",
            404,
            "has no endpoint 0000000000000000",
        ),
        ("POST", "/api/v1/reload", 409, "there is no file"),
        ("GET", "/api/v1/reload", 405, "other methods"),
    ] {
        let said = two.request(method, path, "").await;
        assert_eq!(said.status.as_u16(), status, "{path}: {said:?}");
        assert!(said.json()["detail"].as_str().unwrap().contains(detail), "{said:?}");
    }
    for (method, action, body) in [
        ("PUT", "weight", ""),
        ("PUT", "weight", r#"{"weight":0}"#),
        ("PUT", "weight", r#"{"weight":1001}"#),
        ("PUT", "weight", r#"{"weight":-1}"#),
        ("PUT", "weight", r#"{"weight":1,"wait":1}"#),
        ("POST", "eject", r#"{"seconds":0}"#),
        ("POST", "eject", r#"{"seconds":86401}"#),
        ("POST", "eject", "soon"),
    ] {
        assert_eq!(two.try_to(method, 0, action, body).await.status.as_u16(), 422, "{action} {body}");
    }
    let long = format!("{{\"weight\":1{}}}", " ".repeat(10_000));
    assert_eq!(two.try_to("PUT", 0, "weight", &long).await.status.as_u16(), 413);
    assert_eq!(two.answers(10).await, [5, 5], "nothing has changed");
    let unmarked = Request::post("/api/v1/drain").body(Body::empty()).unwrap();
    assert_eq!(sent(two.app(), unmarked).await.status.as_u16(), 403);
    assert!(!two.gateway.shutdown.is_announced());
}

#[tokio::test]
async fn the_gateway_drains_as_by_a_signal() {
    let two = Two::start().await;
    assert_eq!(two.request("POST", "/api/v1/drain", "").await.status.as_u16(), 202);
    let Two { gateway, .. } = two;
    assert_eq!(ask(&gateway.handle, "/api/v1/status").await.json()["draining"], true);
    gateway.ended().await;
}

/// The gateway as a process, with two tokens.
struct Audited {
    process: Process,
    directory: tempfile::TempDir,
}

const TOKENS: &str = "[admin]\nlisten = \"127.0.0.1:0\"\n\
    admin_tokens = [{ token = \"0123456789abcdef\", label = \"alice\" }, \"fedcba9876543210\"]\n";

impl Audited {
    fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("gateway.toml");
        std::fs::write(&file, one_pool("http://127.0.0.1:1", TOKENS)).unwrap();
        let args = [
            "--config".as_ref(),
            file.as_os_str(),
            "--listen".as_ref(),
            "127.0.0.1:0".as_ref(),
            "--no-watch".as_ref(),
        ];
        Self { process: Process::gateway(args), directory }
    }

    async fn send(&self, method: &str, path: &str, token: &str) -> (u16, Value) {
        let addr = self.process.operator().await.addr;
        let mut client = RawClient::connect(addr).await;
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {addr}\r\nX-Gateway-Operator: 1\r\nX-Admin-Token: {token}\r\n\r\n"
        );
        client.send(head).await;
        let answer = client.response().await;
        (answer.status(), serde_json::from_str(&answer.text()).unwrap_or_default())
    }
}

#[tokio::test]
async fn the_audit_log_says_who_did_what() {
    let gateway = Audited::start();
    let (_, pool) = gateway.send("GET", "/api/v1/pools/api", "0123456789abcdef").await;
    let id = pool["endpoints"][0]["id"].as_str().unwrap();
    let drain = format!("/api/v1/pools/api/endpoints/{id}/drain");
    assert_eq!(gateway.send("POST", &drain, "0123456789abcdef").await.0, 200);
    let line = gateway.process.line_with(" audit: ").await;
    for part in ["who=alice", "from=127.0.0.1:", &format!("action=drain api {id}"), "outcome=\"done\""] {
        assert!(line.contains(part), "{part} in {line}");
    }
    std::fs::write(gateway.directory.path().join("gateway.toml"), "listen = 1").unwrap();
    let (status, problem) = gateway.send("POST", "/api/v1/reload", "fedcba9876543210").await;
    assert_eq!(status, 422);
    assert!(problem["detail"].as_str().unwrap().contains("gateway.toml:1:10: listen"), "{problem}");
    let line = gateway.process.line_with("action=reload").await;
    assert!(line.contains("who=token 2") && line.contains("outcome=\"refused\""), "{line}");
    let file = one_pool("http://127.0.0.1:1", TOKENS) + "[routes.\"/more\"]\npool = \"api\"\n";
    std::fs::write(gateway.directory.path().join("gateway.toml"), file).unwrap();
    let (status, reloaded) = gateway.send("POST", "/api/v1/reload", "fedcba9876543210").await;
    assert_eq!(
        (status, &reloaded["generation"], &reloaded["added"]),
        (200, &json!(2), &json!(["route /more"]))
    );
    let (_, config) = gateway.send("GET", "/api/v1/config", "fedcba9876543210").await;
    let text = config["text"].as_str().unwrap();
    assert!(text.contains("[routes.\"/more\"]") && !text.contains("0123456789abcdef"), "{text}");
}
