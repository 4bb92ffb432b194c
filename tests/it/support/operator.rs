//! The operator's side of a gateway: in this process, or over a socket.

use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use gateway::live::Handle;
use gateway::operator::Operator;
use http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tower::ServiceExt as _;

use super::raw::RawClient;
use super::within;

/// What an operator is answered.
#[derive(Debug)]
pub struct Said {
    pub status: StatusCode,
    pub text: String,
}

impl Said {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// Asks the gateway of this handle, without a socket.
pub async fn ask(handle: &Handle, path: &str) -> Said {
    let request = Request::get(path).body(Body::empty()).unwrap();
    sent(Operator::of(handle.clone()).router(), request).await
}

/// Sends a request to an operator's app.
pub async fn sent(app: Router, request: Request<Body>) -> Said {
    // Whoever asks again and again leaves time for what they wait for.
    tokio::task::yield_now().await;
    let answer = app.oneshot(request).await.unwrap();
    let status = answer.status();
    let bytes = answer.into_body().collect().await.unwrap().to_bytes();
    Said { status, text: String::from_utf8(bytes.to_vec()).unwrap() }
}

/// The operator's side of another process.
#[derive(Clone, Copy, Debug)]
pub struct OperatorClient {
    pub addr: SocketAddr,
}

impl OperatorClient {
    /// What is at this path, which has to be JSON.
    pub async fn get(&self, path: &str) -> Value {
        let (status, text) = self.ask(path).await;
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {status} {text}"))
    }

    /// The status and the text of what is at this path.
    pub async fn ask(&self, path: &str) -> (u16, String) {
        self.send("GET", path, "").await
    }

    /// Sends a request of this method, with the header that changes need.
    pub async fn send(&self, method: &str, path: &str, body: &str) -> (u16, String) {
        let mut client = RawClient::connect(self.addr).await;
        let (host, length) = (self.addr, body.len());
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nX-Gateway-Operator: 1\r\nContent-Length: {length}\r\n\r\n"
        );
        client.send(format!("{head}{body}")).await;
        let answer = client.response().await;
        (answer.status(), answer.text())
    }
}

/// What is shown of the pools, once the gateway serves.
async fn pools(handle: &Handle) -> Value {
    within("the gateway to serve", async {
        while ask(handle, "/readyz").await.text.starts_with("starting") {
            tokio::task::yield_now().await;
        }
    })
    .await;
    ask(handle, "/api/v1/pools").await.json()
}

/// What is shown of the endpoint with this URL.
pub async fn endpoint(handle: &Handle, url: &str) -> Value {
    let pools = pools(handle).await;
    let pools = pools["pools"].as_array().unwrap();
    let mut endpoints = pools.iter().flat_map(|pool| pool["endpoints"].as_array().unwrap());
    endpoints
        .find(|endpoint| endpoint["url"] == url)
        .unwrap_or_else(|| panic!("no {url} in {pools:?}"))
        .clone()
}

/// A line on each endpoint that is shown, in their order.
pub async fn lines(handle: &Handle) -> Vec<String> {
    let pools = pools(handle).await;
    let pools = pools["pools"].as_array().unwrap();
    pools.iter().flat_map(|pool| pool["endpoints"].as_array().unwrap()).map(line).collect()
}

/// The line on the endpoint with this URL.
pub async fn line_on(handle: &Handle, url: &str) -> String {
    line(&endpoint(handle, url).await)
}

fn line(endpoint: &Value) -> String {
    let connections = &endpoint["connections"];
    format!(
        "{}  weight {}  {}  {} in flight  {} requests  {} failures  {} connections: {} idle, {} waiting for one",
        endpoint["url"].as_str().unwrap(),
        endpoint["weight"],
        endpoint["state"].as_str().unwrap(),
        endpoint["in_flight"],
        endpoint["requests"],
        endpoint["failures"],
        connections["open"],
        connections["idle"],
        connections["waiting"],
    )
}
