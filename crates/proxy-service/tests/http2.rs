//! HTTP/2 upstreams: over real sockets, with the `h2` crate or bare frames on the other side.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

#[cfg(feature = "tls")]
#[path = "http2/alpn.rs"]
mod alpn;
#[path = "http2/failures.rs"]
mod failures;
#[path = "http2/heads.rs"]
mod heads;
#[path = "http2/leaving.rs"]
mod leaving;
#[path = "http2/lifetimes.rs"]
mod lifetimes;
#[path = "http2/limited.rs"]
mod limited;
#[path = "http2/requests.rs"]
mod requests;
#[path = "http2/sharing.rs"]
mod sharing;
#[path = "http2/silence.rs"]
mod silence;
#[path = "http2/unprocessed.rs"]
mod unprocessed;
#[path = "http2/upstream.rs"]
mod upstream;
#[path = "http2/waiting.rs"]
mod waiting;

#[cfg(feature = "tls")]
#[path = "support/authority.rs"]
mod authority;

use std::future::Future;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use proxy_service::{
    Client, ClientBody, ClientBuilder, Failed, Protocols, ProxyBody, ProxyLayer, ProxyService,
};
use tower::{Layer, ServiceExt};

type Body = Full<Bytes>;
type Proxy = ProxyService<Client<Body>>;
type Answer = Response<ProxyBody<ClientBody>>;

/// `future`'s output, or a panic that says what was waited for.
async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    let patience = Duration::from_secs(30);
    tokio::time::timeout(patience, future).await.unwrap_or_else(|_| panic!("waited {patience:?} for {what}"))
}

/// With prior knowledge.
fn http2() -> ClientBuilder {
    ClientBuilder::new().protocols(Protocols::Http2)
}

fn proxy(client: ClientBuilder, target: &str) -> Proxy {
    ProxyLayer::new(target.parse().unwrap()).layer(client.build())
}

fn get(path: &str) -> Request<Body> {
    Request::get(path).header("host", "test").body(Full::default()).unwrap()
}

fn post(body: &'static str) -> Request<Body> {
    Request::post("/").header("host", "test").body(Full::from(body)).unwrap()
}

async fn send(proxy: &Proxy, request: Request<Body>) -> Result<Answer, Failed<Request<Body>>> {
    within("an answer", proxy.clone().oneshot(request)).await
}

async fn text(answer: Answer) -> String {
    let body = within("a body", answer.into_body().collect()).await.unwrap();
    String::from_utf8(body.to_bytes().to_vec()).unwrap()
}

/// What a GET is answered with.
async fn ask(proxy: &Proxy, path: &str) -> String {
    text(send(proxy, get(path)).await.unwrap()).await
}
