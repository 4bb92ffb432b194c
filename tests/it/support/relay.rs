//! A gateway between the test and one recording upstream: the test sends one request and gets what happened on both
//! sides.

use std::net::SocketAddr;

use super::gateway::TestGateway;
use super::raw::{RawClient, Response};
use super::recorder::{RecordedRequest, RecordingUpstream, Script};
use super::syntax::latin1;

pub struct Relay {
    pub gateway: TestGateway,
    pub upstream: RecordingUpstream,
}

/// The exchange as the client saw it, and as the upstream saw it if the request came that far.
#[derive(Debug)]
pub struct Exchange {
    pub response: Response,
    pub seen: Option<RecordedRequest>,
}

impl Relay {
    /// `head` holds the top-level keys of the configuration, `routes` its routes: to the pool `plain`, or to `based`,
    /// whose target has the base path `/base%2Fv1`.
    pub async fn start(
        head: &str,
        routes: &str,
        script: impl Fn(&RecordedRequest) -> Script + Send + Sync + 'static,
    ) -> Self {
        let upstream = RecordingUpstream::start(script).await;
        let gateway = TestGateway::start(&configuration(head, upstream.addr(), routes));
        Self { gateway, upstream }
    }

    /// With the route `/api` and no other settings.
    pub async fn plain(script: impl Fn(&RecordedRequest) -> Script + Send + Sync + 'static) -> Self {
        Self::start("", API, script).await
    }

    /// Sends the bytes of one request on a connection of its own and reads the answer to its end.
    ///
    /// # Panics
    /// If the upstream saw more than one request, or anything that isn't strict HTTP.
    pub async fn exchange(&self, request: impl AsRef<[u8]>) -> Exchange {
        let request = request.as_ref();
        let before = self.upstream.requests().len();
        let mut client = RawClient::connect(self.gateway.addr).await;
        client.send(request).await;
        let method = latin1(request.split(|byte| *byte == b' ').next().unwrap_or_default());
        let response = client.response_to(&method).await;
        Exchange { response, seen: self.seen_since(before) }
    }

    /// The one request, if any, that the upstream saw after the first `before`.
    pub fn seen_since(&self, before: usize) -> Option<RecordedRequest> {
        self.upstream.assert_clean();
        let mut new = self.upstream.requests().split_off(before);
        assert!(new.len() <= 1, "sent more than once: {new:#?}");
        new.pop()
    }

    /// A GET of `/api/x` with these header lines (`Name: value`, no line ends) besides `Host`.
    pub async fn get_with(&self, lines: &[&str]) -> Exchange {
        self.exchange(get("/api/x", lines)).await
    }
}

impl Exchange {
    /// What the upstream saw.
    ///
    /// # Panics
    /// If it saw nothing.
    pub fn seen(&self) -> &RecordedRequest {
        self.seen.as_ref().unwrap_or_else(|| panic!("never forwarded: {:#?}", self.response))
    }

    /// The status of an answer that the gateway gave itself.
    ///
    /// # Panics
    /// If the upstream saw the request.
    pub fn refused(&self) -> u16 {
        assert!(self.seen.is_none(), "forwarded: {self:#?}");
        self.response.status()
    }
}

/// A GET with `Host: test` and these header lines.
pub fn get(target: &str, lines: &[&str]) -> String {
    let lines: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
    format!("GET {target} HTTP/1.1\r\nHost: test\r\n{lines}\r\n")
}

pub const API: &str = "[routes.\"/api\"]\npool = \"plain\"";

pub fn configuration(head: &str, upstream: SocketAddr, routes: &str) -> String {
    format!(
        "{head}\n[pools.plain]\nupstreams = [\"http://{upstream}\"]\n\
         [pools.based]\nupstreams = [\"http://{upstream}/base%2Fv1\"]\n{routes}\n"
    )
}
