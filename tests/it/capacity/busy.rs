//! An upstream that is busy.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::JoinSet;

use crate::support::ask::{Answer, Client, GET, Protocol};
use crate::support::raw::{RawClient, Response};
use crate::support::recorder::{RecordingUpstream, Script, Step};
use crate::support::within;

/// Answers `/held` with a body that ends when the test says so, and everything else at once.
pub(crate) struct Busy {
    pub(crate) upstream: RecordingUpstream,
    told: Arc<Notify>,
}

/// A request that keeps the upstream busy: the client has the head of the response and the beginning of its body.
pub(crate) struct Held {
    client: RawClient,
    response: Response,
    told: Arc<Notify>,
}

impl Busy {
    pub(crate) async fn start() -> Self {
        let told = Arc::new(Notify::new());
        let signal = told.clone();
        let upstream = RecordingUpstream::start(move |request| match request.target.as_str() {
            "/held" => Script::raw("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc")
                .then(Step::AwaitSignal(signal.clone()))
                .then(Step::Send("de".into())),
            _ => Script::ok("fine"),
        })
        .await;
        Self { upstream, told }
    }

    pub(crate) fn config(&self, queue_timeout: Duration) -> String {
        format!(
            "[pools.api]\nupstreams = [\"{}\"]\nmax_in_flight = 1\n\
             queue = {{ size = 1, timeout = \"{}ms\" }}\n[routes.\"/api\"]\npool = \"api\"\n",
            self.upstream.url(),
            queue_timeout.as_millis()
        )
    }

    pub(crate) async fn hold(&self, addr: SocketAddr) -> Held {
        let mut client = RawClient::connect(addr).await;
        client.send("GET /api/held HTTP/1.1\r\nHost: test\r\n\r\n").await;
        let mut response = client.response_head("GET").await;
        client.until(&mut response, "abc").await;
        Held { client, response, told: self.told.clone() }
    }
}

impl Held {
    pub(crate) async fn end(mut self) {
        self.told.notify_one();
        while self.client.piece(&mut self.response).await.is_some() {}
        assert_eq!(self.response.text(), "abcde");
    }
}

/// Sends two requests for one place in the queue: the one that comes second is refused. Returns that answer, and the
/// other request, whose client leaves when it is dropped.
pub(crate) async fn two_more(addr: SocketAddr) -> (Answer, JoinSet<Answer>) {
    let mut asking = JoinSet::new();
    for _ in 0..2 {
        asking.spawn(async move {
            Client::connect(Protocol::Http1, addr).await.ask(GET, "/api/x").await.unwrap()
        });
    }
    let refused = within("one to be refused", asking.join_next()).await.unwrap().unwrap();
    (refused, asking)
}
