//! Upstreams with different parsers, each of which answers with what it read.

use std::net::{Ipv4Addr, SocketAddr};

use axum::body::Bytes;
use axum::http::{Method, Uri};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::support::gateway::TestGateway;
use crate::support::raw::RawClient;
use crate::support::recorder::{Answer, RecordedRequest, RecordingUpstream, Script, Step};
use crate::support::syntax::latin1;
use crate::support::tools::{Nginx, free_port};

/// A gateway in front of the strict recorder at `/rb`, of hyper at `/hyper`, and of nginx at `/nginx`, where it is
/// installed. Each answers `METHOD TARGET BODY`; nginx passes its requests to a second recorder, which answers for it.
pub(crate) struct Parsers {
    pub(crate) gateway: TestGateway,
    pub(crate) strict: RecordingUpstream,
    behind_nginx: RecordingUpstream,
    nginx: Option<Nginx>,
    hyper: JoinHandle<()>,
}

impl Parsers {
    pub(crate) async fn start() -> Self {
        let strict = RecordingUpstream::start(|_| what_was_read()).await;
        let behind_nginx = RecordingUpstream::start(|_| what_was_read()).await;
        let pass = format!(
            "location / {{ proxy_pass {}; proxy_http_version 1.1; proxy_set_header Connection \"\"; }}",
            behind_nginx.url()
        );
        let nginx = Nginx::start(free_port(), &pass).await;
        let (hyper_addr, hyper) = hyper_upstream().await;
        let mut upstreams = vec![("rb", strict.addr()), ("hyper", hyper_addr)];
        upstreams.extend(nginx.as_ref().map(|nginx| ("nginx", nginx.addr())));
        let gateway = TestGateway::start(&routes(&upstreams));
        Self { gateway, strict, behind_nginx, nginx, hyper }
    }

    /// The routes to all the parsers; the strict one comes first.
    pub(crate) fn routes(&self) -> Vec<&'static str> {
        let mut routes = vec!["/rb", "/hyper"];
        routes.extend(self.nginx.as_ref().map(|_| "/nginx"));
        routes
    }

    /// Sends `bytes` on a connection of their own, with `{P}` replaced by `path` below `route`.
    pub(crate) async fn send(&self, route: &str, path: &str, bytes: &[u8]) -> RawClient {
        let mut client = RawClient::connect(self.gateway.addr).await;
        let target = format!("{route}{path}");
        client.send(replaced(bytes, b"{P}", target.as_bytes())).await;
        client
    }

    /// # Panics
    /// If a recorder got anything that isn't a strict request.
    pub(crate) fn assert_clean(&self) {
        self.strict.assert_clean();
        self.behind_nginx.assert_clean();
    }
}

impl Drop for Parsers {
    fn drop(&mut self) {
        self.hyper.abort();
    }
}

/// Each upstream, below a route with its name.
pub(crate) fn routes(upstreams: &[(&str, SocketAddr)]) -> String {
    let route = |(name, addr): &(&str, SocketAddr)| {
        format!("[pools.{name}]\nupstreams = [\"http://{addr}\"]\n[routes.\"/{name}\"]\npool = \"{name}\"\n")
    };
    upstreams.iter().map(route).collect()
}

fn what_was_read() -> Script {
    let read = |request: &RecordedRequest| {
        Answer::new(200).body(format!("{} {} {}", request.method, request.target, request.body.text()))
    };
    Script(vec![Step::WaitForBody, Step::AnswerWith(Box::new(read))])
}

async fn hyper_upstream() -> (SocketAddr, JoinHandle<()>) {
    let answer = async |method: Method, uri: Uri, body: Bytes| format!("{method} {uri} {}", latin1(&body));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let addr = listener.local_addr().unwrap();
    let router = axum::Router::new().fallback(answer);
    (addr, tokio::spawn(async move { axum::serve(listener, router).await.unwrap() }))
}

fn replaced(bytes: &[u8], what: &[u8], with: &[u8]) -> Vec<u8> {
    let at = bytes.windows(what.len()).position(|window| window == what);
    match at {
        Some(at) => [&bytes[..at], with, &bytes[at + what.len()..]].concat(),
        None => bytes.to_vec(),
    }
}
