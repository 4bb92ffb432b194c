//! `openapi.json` says what the operator's API answers.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Stdio;

use axum::body::Body;
use gateway::operator::Operator;
use http::Request;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;
use tower::ServiceExt as _;

use super::acting::marked;
use crate::support::gateway::{TestGateway, one_pool};
use crate::support::operator::{ask, endpoint, sent};
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordingUpstream, Script};
use crate::support::tools::require_python_with;
use crate::support::within;

fn document() -> Value {
    serde_json::from_str(include_str!("../../../crates/gateway/operator/openapi.json")).unwrap()
}

/// The paths that the router has, as they stand in the sources. Those of the page are files, and no API.
fn routed() -> BTreeSet<String> {
    fn collect(folder: &Path, routed: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("page") {
                collect(&path, routed);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                let routes = text.split(".route(").skip(1);
                let quoted = routes.filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next());
                routed.extend(quoted.map(str::to_owned));
            }
        }
    }
    let mut routed = BTreeSet::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/gateway/operator"), &mut routed);
    routed
}

#[test]
fn it_has_every_path_of_the_router() {
    let document = document();
    let documented: BTreeSet<String> = document["paths"].as_object().unwrap().keys().cloned().collect();
    assert!(documented.len() > 15, "{documented:?}");
    assert_eq!(routed(), documented);
}

#[tokio::test]
async fn it_has_the_methods_that_are_answered() {
    let upstream = RecordingUpstream::start(|_| Script::ok("")).await;
    let gateway = TestGateway::start(&one_pool(&upstream.url(), ""));
    for (path, operations) in document()["paths"].as_object().unwrap() {
        let path = path.replace("{pool}", "api").replace("{endpoint}", "0");
        for method in ["GET", "POST", "PUT", "DELETE"] {
            let app = Operator::of(gateway.handle.clone()).router();
            let status = app.oneshot(marked(method, &path, "")).await.unwrap().status();
            let is_documented = operations.get(method.to_ascii_lowercase()).is_some();
            assert_eq!(status != 405, is_documented, "{method} {path}: {status}");
        }
    }
}

const CHECK: &str = r##"
import json, sys, jsonschema
document = json.load(open(sys.argv[1]))
for name, answer in json.load(sys.stdin):
    schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
    for error in jsonschema.Draft202012Validator(schema).iter_errors(answer):
        sys.exit(f"{name}: {error.json_path}: {error.message}")
print("ok")
"##;

#[tokio::test]
async fn answers_are_as_it_says() {
    let Some(python) = require_python_with("jsonschema").await else { return };
    let upstream = RecordingUpstream::start(|_| Script::ok("")).await;
    let config = format!(
        "{}\n[pools.hashed]\nupstreams = [\"http://127.0.0.1:1\", {{ url = \"{}\", weight = 2 }}]\n\
         balance = {{ hash = \"peer\" }}\nretries = {{ attempts = 1 }}\n\
         [routes.\"/hashed\"]\npool = \"hashed\"\nadmin_tokens = [\"0123456789abcdef\"]\n\
         [routes.\"/split\"]\nsplit = {{ api = 95, hashed = 5 }}\nfallback = \"hashed\"\nmirror.pool = \"hashed\"\n\
         [routes.\"/own\"]\nrespond = 204\n",
        one_pool(&upstream.url(), ""),
        upstream.url()
    );
    let gateway = TestGateway::on_workers(1, &config, |gateway| gateway);
    let mut client = RawClient::connect(gateway.addr).await;
    assert_eq!(client.get("/api/x").await.status(), 200);
    client.send("GET /hashed/x HTTP/1.1\r\nHost: test\r\nX-Admin-Token: 0123456789abcdef\r\n\r\n").await;
    client.response().await;
    let dead = TestGateway::start(&one_pool("http://127.0.0.1:1", ""));
    assert_eq!(RawClient::connect(dead.addr).await.get("/api/x").await.status(), 502);

    let mut answers = Vec::new();
    for (name, path) in [
        ("Status", "/api/v1/status"),
        ("Routes", "/api/v1/routes"),
        ("Pools", "/api/v1/pools"),
        ("Pool", "/api/v1/pools/hashed"),
        ("Connections", "/api/v1/connections"),
        ("Config", "/api/v1/config"),
        ("Errors", "/api/v1/errors"),
        ("History", "/api/v1/history"),
        ("Explanation", "/api/v1/explain?url=/api/x"),
        ("Problem", "/api/v1/pools/nope"),
    ] {
        let handles = [&gateway.handle, &dead.handle].into_iter().take(if name == "Pool" { 1 } else { 2 });
        for handle in handles {
            answers.push(json!([name, ask(handle, path).await.json()]));
        }
    }
    let id = endpoint(&gateway.handle, "http://127.0.0.1:1").await["id"].as_str().unwrap().to_owned();
    for (method, action, body) in [
        ("POST", "drain", ""),
        ("POST", "enable", ""),
        ("PUT", "weight", r#"{"weight":3}"#),
        ("POST", "eject", ""),
    ] {
        let request = marked(method, &format!("/api/v1/pools/hashed/endpoints/{id}/{action}"), body);
        let said = sent(Operator::of(gateway.handle.clone()).router(), request).await;
        answers.push(json!(["Endpoint", said.json()]));
    }
    let app = Operator::of(dead.handle.clone()).router();
    let mut events = super::events::Reader::of(&app).await;
    answers.push(json!(["Snapshot", events.next().await.1]));
    answers.push(json!(["Tick", events.next_named("tick").await]));
    assert_eq!(validated(&python, &answers).await, "ok\n");
    let wrong = json!(["Status", { "version": 1 }]);
    assert_ne!(validated(&python, &[wrong]).await, "ok\n", "the check notices what is wrong");
}

async fn validated(python: &Path, answers: &[Value]) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/gateway/operator/openapi.json");
    let mut command = Command::new(python);
    command
        .arg("-c")
        .arg(CHECK)
        .arg(file)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut checking = command.spawn().unwrap();
    let mut input = checking.stdin.take().unwrap();
    input.write_all(&serde_json::to_vec(answers).unwrap()).await.unwrap();
    drop(input);
    let output = within("the check", checking.wait_with_output()).await.unwrap();
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}

#[tokio::test]
async fn it_is_served() {
    let gateway = TestGateway::start(&one_pool("http://127.0.0.1:1", ""));
    assert_eq!(ask(&gateway.handle, "/api/v1/openapi.json").await.json(), document());
    let request = Request::get("/api/v1/openapi.json").body(Body::empty()).unwrap();
    let answer = Operator::of(gateway.handle.clone()).router().oneshot(request).await.unwrap();
    assert_eq!(answer.headers()["content-type"], "application/json");
}
