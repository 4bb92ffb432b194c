//! HTTP/2 upstreams over real sockets, with the `h2` crate or bare frames on the other side.

#[cfg(feature = "tls")]
mod alpn;
mod failures;
mod fields;
mod heads;
mod informational;
mod leaving;
mod lifetimes;
mod limited;
mod requests;
mod sharing;
mod silence;
mod unprocessed;
mod upstream;
mod waiting;

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

/// The answer to a GET.
async fn ask(proxy: &Proxy, path: &str) -> String {
    text(send(proxy, get(path)).await.unwrap()).await
}
