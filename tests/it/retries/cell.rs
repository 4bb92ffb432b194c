//! One request through a gateway of its own.

use std::fmt;
use std::sync::Arc;

use tokio::sync::Notify;

use super::stage::Stage;
use crate::support::ask::Shape;
use crate::support::gateway::TestGateway;
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordedRequest, RecordingUpstream, Script};
use crate::support::unreachable::Refusing;

/// A gateway over two upstreams: the first fails, the second sends every body back.
pub(crate) struct Cell {
    shape: Shape,
    first: First,
    second: RecordingUpstream,
    client: RawClient,
    has_head: Arc<Notify>,
    _gateway: TestGateway,
}

enum First {
    Refusing(Refusing),
    Failing(RecordingUpstream),
}

/// How often the upstreams got the request, and what the client got.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) sent: usize,
    pub(crate) status: u16,
    pub(crate) is_cut: bool,
}

impl Cell {
    pub(crate) async fn start(stage: Stage, shape: Shape, rule: &str) -> Self {
        let has_head = Arc::new(Notify::new());
        let first = First::start(stage, &has_head).await;
        let second = RecordingUpstream::start(|_| Script::echo()).await;
        let gateway = TestGateway::start(&format!(
            "[timeouts]\nresponse_head = \"1s\"\n\
             [pools.api]\nupstreams = [\"http://{}\", \"{}\"]\n{rule}\n\
             [routes.\"/api\"]\npool = \"api\"\n",
            first.addr(),
            second.url()
        ));
        let mut client = RawClient::connect(gateway.addr).await;
        if stage == Stage::ResetReused {
            for _ in [&first.requests(), &second.requests()] {
                assert_eq!(client.get("/api/prime").await.status(), 200);
            }
        }
        Self { shape, first, second, client, has_head, _gateway: gateway }
    }

    /// Sends the request, which round robin gives to the first upstream.
    pub(crate) async fn ask(mut self) -> Outcome {
        self.client.send(self.shape.http1("/api/x", &[])).await;
        let mut response = self.client.response_head(self.shape.method).await;
        self.has_head.notify_one();
        while self.client.piece(&mut response).await.is_some() {}
        let (first, second) = (sent(self.first.requests()), sent(self.second.requests()));
        if let Some(request) = second.last() {
            assert_eq!(request.body.text(), self.shape.text(), "{:?}: its body was touched", self.shape);
        }
        if let (Some(primed), Some(request)) = (self.first.requests().first(), first.first()) {
            assert_eq!(request.connection, primed.connection, "not on the primed connection");
        }
        Outcome {
            sent: first.len() + second.len(),
            status: response.status(),
            is_cut: !response.body.is_complete(),
        }
    }
}

fn sent(mut requests: Vec<RecordedRequest>) -> Vec<RecordedRequest> {
    requests.retain(|request| request.target == "/x");
    requests
}

impl First {
    async fn start(stage: Stage, has_head: &Arc<Notify>) -> Self {
        if stage == Stage::Refused {
            return Self::Refusing(Refusing::new());
        }
        let has_head = has_head.clone();
        Self::Failing(RecordingUpstream::start(move |request| stage.script(request, &has_head)).await)
    }

    fn addr(&self) -> std::net::SocketAddr {
        match self {
            Self::Refusing(nobody) => nobody.addr,
            Self::Failing(upstream) => upstream.addr(),
        }
    }

    fn requests(&self) -> Vec<RecordedRequest> {
        match self {
            Self::Refusing(_) => Vec::new(),
            Self::Failing(upstream) => upstream.requests(),
        }
    }
}

impl Outcome {
    /// Sent `times` times, and a whole response with that status.
    pub(crate) const fn sent(times: usize, status: u16) -> Self {
        Self { sent: times, status, is_cut: false }
    }

    /// Sent once, and the body of the response breaks off.
    pub(crate) const CUT: Self = Self { sent: 1, status: 200, is_cut: true };
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cut = if self.is_cut { " cut" } else { "" };
        f.pad(&format!("{}x {}{cut}", self.sent, self.status))
    }
}
