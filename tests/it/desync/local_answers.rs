//! When the gateway answers a request itself, nothing of the request body is left behind that could be read as a
//! request.

use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::TcpSocket;
use tokio::task::JoinSet;

use super::parsers::routes;
use crate::support::gateway::TestGateway;
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordingUpstream, Script};
use crate::support::wire::Stop;

const EVIL: &str = "GET /api/evil HTTP/1.1\r\nHost: test\r\n\r\n";
const NEXT: &str = "GET /api/next HTTP/1.1\r\nHost: test\r\n\r\n";

/// More than the gateway reads ahead and than the buffers of the sockets hold together.
const MANY: usize = 8 << 10;

#[derive(Clone, Copy, Debug)]
enum Framed {
    Length,
    Chunked,
    Expecting,
}

/// When the body is sent.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Sent {
    WithTheHead,
    AfterTheAnswer,
}

/// A request that the gateway answers itself.
struct Provoked {
    /// The request line and the fields, without those that frame the body.
    head: String,
    /// The statuses that it may be answered with; every one of these must occur.
    statuses: &'static [u16],
    /// Whether the answer comes before the body.
    at_once: bool,
}

fn provoked(head: &str, statuses: &'static [u16]) -> Provoked {
    let head = head.replace('\n', "\r\n");
    Provoked { head, statuses, at_once: true }
}

fn after_the_body(head: &str, statuses: &'static [u16]) -> Provoked {
    Provoked { at_once: false, ..provoked(head, statuses) }
}

#[tokio::test]
async fn a_body_never_becomes_a_request() {
    let upstreams = Upstreams::start().await;
    let long = "x".repeat(9000);
    let fields: String = (0..101).map(|n| format!("x-{n}: 1\n")).collect();
    for provoked in [
        provoked("POST /admin/x HTTP/1.1\nHost: test\n", &[401]),
        provoked("POST /admin/x HTTP/1.1\nHost: test\nX-Admin-Token: wrong\n", &[403, 429]),
        provoked("POST /nowhere HTTP/1.1\nHost: test\n", &[404]),
        provoked("POST /readyz HTTP/1.1\nHost: test\n", &[405]),
        provoked("TRACE /api/x HTTP/1.1\nHost: test\n", &[405]),
        provoked("CONNECT test:80 HTTP/1.1\nHost: test:80\n", &[405]),
        provoked("POST /api/../x HTTP/1.1\nHost: test\n", &[400]),
        provoked("POST /api/x HTTP/1.1\n", &[400]),
        provoked("POST /api/x HTTP/1.1\nHost: test\nExpect: the-unexpected\n", &[417]),
        provoked(&format!("POST /api/{long} HTTP/1.1\nHost: test\n"), &[414]),
        provoked(&format!("POST /api/x HTTP/1.1\nHost: test\n{fields}"), &[431]),
        provoked("GET /readyz HTTP/1.1\nHost: test\n", &[200]),
        provoked("GET /healthz HTTP/1.1\nHost: test\n", &[200]),
        provoked("OPTIONS * HTTP/1.1\nHost: test\n", &[204]),
        provoked("POST /down/x HTTP/1.1\nHost: test\n", &[502]),
        after_the_body("POST /small/x HTTP/1.1\nHost: test\n", &[413]),
        after_the_body("POST /silent/x HTTP/1.1\nHost: test\n", &[504]),
    ] {
        upstreams.try_all(&provoked, "[timeouts]\nresponse_head = \"300ms\"").await;
    }
}

#[tokio::test]
async fn nor_when_the_whole_request_timed_out() {
    let upstreams = Upstreams::start().await;
    let provoked = provoked("POST /silent/x HTTP/1.1\nHost: test\n", &[503]);
    upstreams.try_all(&provoked, "[timeouts]\nrequest = \"2s\"").await;
}

#[tokio::test]
async fn nor_when_a_loop_was_found() {
    let upstreams = Upstreams::start().await;
    let gateway = TestGateway::start(&upstreams.config(""));
    RawClient::connect(gateway.addr).await.get("/silent/fast").await;
    let via = upstreams.silent.wait_for(1).await[0].headers.one("via").unwrap().to_owned();
    let provoked = provoked(&format!("POST /api/x HTTP/1.1\nHost: test\nVia: {via}\n"), &[508]);
    upstreams.try_all_on(gateway.addr, &provoked).await;
}

/// What follows a refused CONNECT was meant for a tunnel that does not exist. With and without a body of its own.
#[tokio::test]
async fn nothing_behind_a_connect_is_a_request() {
    let upstreams = Upstreams::start().await;
    let gateway = TestGateway::start(&upstreams.config(""));
    for (head, status) in [
        ("CONNECT test:80 HTTP/1.1\r\nHost: test:80\r\n", 405),
        ("CONNECT test:80 HTTP/1.1\r\nHost: other\r\n", 405),
        ("CONNECT test:80 HTTP/1.1\r\n", 400),
        ("CONNECT test:80 HTTP/1.0\r\nConnection: keep-alive\r\n", 405),
        ("CONNECT test:80 HTTP/1.1\r\nHost: test:80\r\nContent-Length: 0\r\n", 405),
    ] {
        for behind in [EVIL.to_owned(), EVIL.repeat(MANY)] {
            let mut client = RawClient::connect(gateway.addr).await;
            let answer = client.exchange(format!("{head}\r\n{behind}").as_bytes(), "CONNECT").await;
            assert_eq!(answer.status(), status, "{head:?}");
            assert!(answer.headers().lists("connection", "close"), "{head:?}: {answer:?}");
            assert_eq!(client.try_response_head("GET").await.err(), Some(Stop::Closed), "{head:?}");
        }
    }
    assert!(upstreams.api.requests().is_empty());
}

struct Upstreams {
    api: RecordingUpstream,
    silent: RecordingUpstream,
    /// A socket that is bound and does not listen: it refuses connections, and no other process gets the port.
    down: TcpSocket,
}

impl Upstreams {
    async fn start() -> Self {
        let api = RecordingUpstream::start(|request| Script::ok(request.target.clone())).await;
        let silent = RecordingUpstream::start(|request| match &*request.target {
            "/fast" => Script::ok(""),
            _ => Script::silence(),
        });
        let down = TcpSocket::new_v4().unwrap();
        down.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        Self { api, silent: silent.await, down }
    }

    fn config(&self, timeouts: &str) -> String {
        let (api, silent, down) = (self.api.addr(), self.silent.addr(), self.down.local_addr().unwrap());
        let routes =
            routes(&[("api", api), ("admin", api), ("small", api), ("silent", silent), ("down", down)]);
        let routes = routes
            .replace("pool = \"admin\"\n", "pool = \"admin\"\nadmin_tokens = [\"letmein\"]\n")
            .replace("pool = \"small\"\n", "pool = \"small\"\nmax_body = 9\n");
        format!("{timeouts}\n{routes}")
    }

    /// With every framing, size and order, each against a gateway that has seen no wrong token yet.
    async fn try_all(&self, provoked: &Provoked, timeouts: &str) {
        let gateway = TestGateway::start(&self.config(timeouts));
        self.try_all_on(gateway.addr, provoked).await;
    }

    async fn try_all_on(&self, addr: SocketAddr, provoked: &Provoked) {
        let forwarded_before = self.api_targets("/next");
        let mut trials = JoinSet::new();
        for framed in [Framed::Length, Framed::Chunked, Framed::Expecting] {
            for repeated in [1, MANY] {
                for sent in [Sent::WithTheHead, Sent::AfterTheAnswer] {
                    if sent == Sent::WithTheHead || provoked.at_once {
                        trials.spawn(trial(addr, provoked.head.clone(), framed, EVIL.repeat(repeated), sent));
                    }
                }
            }
        }
        let outcomes = trials.join_all().await;
        let answered = outcomes.iter().filter(|outcome| outcome.next_answered).count();
        let mut statuses: Vec<u16> = outcomes.iter().map(|outcome| outcome.status).collect();
        statuses.sort_unstable();
        statuses.dedup();
        assert_eq!(statuses, provoked.statuses, "{}", provoked.head);
        assert_eq!(self.api_targets("/next") - forwarded_before, answered, "{}", provoked.head);
        assert_eq!(self.api_targets("/evil"), 0, "{}", provoked.head);
        self.api.assert_clean();
        self.silent.assert_clean();
    }

    fn api_targets(&self, target: &str) -> usize {
        self.api.requests().iter().filter(|request| request.target == target).count()
    }
}

struct Outcome {
    status: u16,
    next_answered: bool,
}

async fn trial(addr: SocketAddr, head: String, framed: Framed, body: String, sent: Sent) -> Outcome {
    let what = format!("{:.80} {framed:?} {} {sent:?}", head.escape_debug(), body.len());
    let (head, body) = framed.message(&head, &body);
    let mut client = RawClient::connect(addr).await;
    let answer = match sent {
        Sent::WithTheHead => client.exchange(format!("{head}{body}{NEXT}").as_bytes(), "GET").await,
        Sent::AfterTheAnswer => {
            client.send(head).await;
            let answer = client.response().await;
            let _may_be_closed = client.try_send(body + NEXT).await;
            answer
        }
    };
    assert!(answer.body.is_complete(), "{what}: {answer:?}");
    let next_answered = match client.try_response_head("GET").await {
        Err(Stop::Closed | Stop::Reset) => {
            assert!(
                answer.headers().lists("connection", "close"),
                "{what}: closed without a word, {answer:?}"
            );
            false
        }
        Err(stop) => panic!("{what}: {stop:?}"),
        Ok(mut next) => {
            while client.piece(&mut next).await.is_some() {}
            assert_eq!((next.status(), &*next.text()), (200, "/next"), "{what}");
            assert!(!answer.headers().lists("connection", "close"), "{what}: went on after {answer:?}");
            assert!(client.get("/healthz").await.text().starts_with("alive\n"), "{what}: out of step");
            true
        }
    };
    Outcome { status: answer.status(), next_answered }
}

impl Framed {
    fn message(self, head: &str, body: &str) -> (String, String) {
        let length = body.len();
        match self {
            Framed::Length => (format!("{head}Content-Length: {length}\r\n\r\n"), body.to_owned()),
            Framed::Chunked => (
                format!("{head}Transfer-Encoding: chunked\r\n\r\n"),
                format!("{length:x}\r\n{body}\r\n0\r\n\r\n"),
            ),
            Framed::Expecting => {
                (format!("{head}Expect: 100-continue\r\nContent-Length: {length}\r\n\r\n"), body.to_owned())
            }
        }
    }
}
