//! No client gets anything that belongs to another client, however the connections are shared.

use std::net::SocketAddr;
use std::sync::Arc;

use crate::support::gateway::TestGateway;
use crate::support::raw::RawClient;
use crate::support::recorder::{Answer, RecordedRequest, RecordingUpstream, Script, Step};
use tokio::sync::Notify;
use tokio::task::JoinSet;

const WORKERS: usize = 32;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thousands_of_requests_get_their_own_answers() {
    requests_get_their_own_answers(300).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "64,000 requests: 20 s on two idle cores, a minute on busy ones"]
async fn tens_of_thousands_do() {
    requests_get_their_own_answers(2_000).await;
}

/// Every request has a mark of its own in its path, a header and its body; the answer repeats all three.
async fn requests_get_their_own_answers(each: usize) {
    let (one, two) =
        (RecordingUpstream::start(|_| mirror()).await, RecordingUpstream::start(|_| mirror()).await);
    let gateway = TestGateway::over(one.addr(), two.addr());
    let mut workers = JoinSet::new();
    for worker in 0..WORKERS {
        workers.spawn(work(gateway.addr, worker, each));
    }
    workers.join_all().await;
    for upstream in [&one, &two] {
        upstream.assert_clean();
        for request in upstream.requests() {
            let [path, header, body] = marks(&request);
            assert!(path == header && (body.is_empty() || body == header), "{request:?}");
        }
        assert_eq!(upstream.requests().len(), WORKERS * each / 2);
        assert!(upstream.connections().len() < 10 * WORKERS, "connections are not kept");
    }
}

async fn work(gateway: SocketAddr, worker: usize, requests: usize) {
    let mut client = RawClient::connect(gateway).await;
    for number in 0..requests {
        let mark = format!("m{worker}-{number}");
        let fields = format!("Host: test\r\nX-Mark: {mark}\r\n");
        let (request, body) = match number % 3 {
            0 => (format!("GET /api/{mark} HTTP/1.1\r\n{fields}\r\n"), ""),
            1 => (
                format!("POST /api/{mark} HTTP/1.1\r\n{fields}Content-Length: {}\r\n\r\n{mark}", mark.len()),
                &*mark,
            ),
            _ => {
                let chunked = format!("{:x}\r\n{mark}\r\n0\r\n\r\n", mark.len());
                let head = format!("PUT /api/{mark} HTTP/1.1\r\n{fields}Transfer-Encoding: chunked\r\n");
                (format!("{head}\r\n{chunked}"), &*mark)
            }
        };
        client.send(request).await;
        let answer = client.response().await;
        assert_eq!(answer.header("x-mark"), Some(&*mark));
        assert_eq!(answer.text(), format!("{mark} {mark} {body}"));
    }
}

fn mirror() -> Script {
    let mirror = |request: &RecordedRequest| {
        let [path, header, body] = marks(request);
        Answer::new(200).header("X-Mark", &header).body(format!("{path} {header} {body}"))
    };
    Script(vec![Step::WaitForBody, Step::AnswerWith(Box::new(mirror))])
}

fn marks(request: &RecordedRequest) -> [String; 3] {
    let path = request.target.trim_start_matches('/').to_owned();
    [path, request.headers.one("x-mark").unwrap_or_default().to_owned(), request.body.text()]
}

/// A burst while the pool is empty: every request makes a connection. The upstream answers none of them at first, then
/// the last one first. By then a quarter of the clients has left.
#[tokio::test]
async fn a_cold_burst_gets_its_own_answers() {
    let gates: Arc<Vec<Arc<Notify>>> = Arc::new((0..2 * WORKERS).map(|_| Arc::default()).collect());
    let opened = Arc::clone(&gates);
    let upstream = RecordingUpstream::start_greeting(
        move |number| match opened.get(number) {
            Some(gate) => Script(vec![Step::AwaitSignal(Arc::clone(gate))]),
            None => Script::default(),
        },
        |_| mirror(),
    )
    .await;
    let gateway = TestGateway::start(&format!(
        "[pools.api]\nupstreams = [\"{}\"]\n[routes.\"/api\"]\npool = \"api\"\n",
        upstream.url()
    ));
    let mut clients = Vec::new();
    for number in 0..WORKERS {
        let mut client = RawClient::connect(gateway.addr).await;
        client.send(marked(number)).await;
        clients.push((number, client));
    }
    upstream.wait_for_connections(WORKERS).await;
    for number in (0..WORKERS).rev().filter(|number| number % 4 == 3) {
        let (_, client) = clients.remove(number);
        client.reset();
    }
    for gate in gates.iter().rev() {
        gate.notify_one();
    }
    for round in 0..3 {
        for (number, client) in &mut clients {
            assert_eq!(client.response().await.text(), format!("m{number} m{number} "), "round {round}");
            client.send(marked(*number)).await;
        }
    }
    upstream.assert_clean();
}

fn marked(number: usize) -> String {
    format!("GET /api/m{number} HTTP/1.1\r\nHost: test\r\nX-Mark: m{number}\r\n\r\n")
}
