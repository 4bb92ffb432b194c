//! An upstream that answers before it has the whole request: the answer is passed on, and a connection that carried
//! only half a request is never used again.

use http::Request;

use crate::support::body::BodyEnd;
use crate::support::gateway::TestGateway;
use crate::support::h2::{self, H2Client};
use crate::support::h2_upstream::{H2Step, H2Upstream};
use crate::support::raw::RawClient;
use crate::support::recorder::{Answer, RecordedRequest, RecordingUpstream, Script, Step};
use crate::support::sole::Sole;

/// More than the sockets on the way can hold.
const UPLOAD: usize = 10 << 20;

fn post(path: &str) -> Vec<u8> {
    let head = format!("POST {path} HTTP/1.1\r\nHost: test\r\nContent-Length: {UPLOAD}\r\n\r\n");
    [head.into_bytes(), vec![b'u'; UPLOAD]].concat()
}

fn post_chunked(path: &str) -> Vec<u8> {
    let head = format!("POST {path} HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n");
    let chunk = [b"10000\r\n", &[b'u'; 0x10000][..], b"\r\n"].concat();
    [head.as_bytes(), &chunk.repeat(UPLOAD / 0x10000), b"0\r\n\r\n"].concat()
}

/// `/early` is answered at once and the connection would stay open, `/deaf` reads nothing any more after its answer,
/// `/leaves` closes the connection; everything else is answered with its own path.
fn script(request: &RecordedRequest) -> Script {
    let early = Answer::new(413).body("early");
    match request.target.as_str() {
        "/early" => Script::answer(early).before_body(),
        "/deaf" => Script::answer(early).before_body().then(Step::Hang),
        "/leaves" => Script::answer(early.header("Connection", "close")).before_body(),
        path => Script::ok(path.to_owned()),
    }
}

#[tokio::test]
async fn the_answer_goes_out_while_the_upload_is_under_way() {
    let upstream = RecordingUpstream::start(script).await;
    let gateway = Sole::new(upstream.addr()).start();
    for path in ["/early", "/deaf"] {
        for request in [post(path), post_chunked(path)] {
            let answer = RawClient::connect(gateway.addr).await.exchange(&request, "POST").await;
            assert_eq!((answer.status(), answer.text().as_str()), (413, "early"), "{path}");
        }
    }
}

/// The rest of the body is read and thrown away, so that a client that sends everything before it reads anything is not
/// cut off.
#[tokio::test]
async fn a_client_that_sends_everything_first_reads_the_answer() {
    let upstream = RecordingUpstream::start(script).await;
    let gateway = Sole::new(upstream.addr()).start();
    for path in ["/early", "/deaf", "/leaves"] {
        for request in [post(path), post_chunked(path)] {
            let mut client = RawClient::connect(gateway.addr).await;
            client.send(&request).await;
            let answer = client.response_to("POST").await;
            assert_eq!((answer.status(), answer.text().as_str()), (413, "early"), "{path}");
        }
    }
}

#[tokio::test]
async fn the_answer_does_not_wait_for_a_client_that_pauses() {
    let upstream = RecordingUpstream::start(script).await;
    let gateway = Sole::new(upstream.addr()).start();
    let mut client = RawClient::connect(gateway.addr).await;
    client.send(&post("/early")[..1000]).await;
    assert_eq!(client.response_to("POST").await.text(), "early");
}

/// Other clients send requests on other connections at the same time. None may get an answer that is not its own, and
/// whatever came on the connection of an early answer came after a complete body.
#[tokio::test]
async fn no_other_request_meets_what_is_left() {
    const ROUNDS: usize = 6;
    let upstream = RecordingUpstream::start(script).await;
    let gateway = Sole::new(upstream.addr()).start();
    let requests = [post("/early"), post_chunked("/early")];
    let mut victim = RawClient::connect(gateway.addr).await;
    for round in 0..ROUNDS {
        let mut client = RawClient::connect(gateway.addr).await;
        let answer = client.exchange(&requests[round % 2], "POST").await;
        assert_eq!(answer.text(), "early");
        for after in ["a", "b"] {
            let path = format!("/victim/{round}/{after}");
            assert_eq!(victim.get(&path).await.text(), path);
        }
    }
    upstream.assert_clean();
    let requests = upstream.wait_for(3 * ROUNDS).await;
    assert_eq!(requests.len(), 3 * ROUNDS, "each request exactly once");
    for (at, early) in requests.iter().enumerate().filter(|(_, request)| request.target == "/early") {
        let is_last = requests[at + 1..].iter().all(|request| request.connection != early.connection);
        let is_whole = early.body.bytes.len() == UPLOAD;
        assert_eq!(early.body.end == BodyEnd::Complete, is_whole, "half a body that looks whole");
        assert!(is_last || is_whole, "a connection went on after {} bytes", early.body.bytes.len());
    }
}

#[tokio::test]
async fn an_http2_client_gets_the_answer_and_keeps_its_connection() {
    let upstream = RecordingUpstream::start(script).await;
    let gateway = Sole::new(upstream.addr()).start();
    let mut client = H2Client::connect(gateway.addr).await;
    for path in ["/early", "/deaf", "/early"] {
        let request = Request::post(format!("http://test{path}")).body(h2::full(vec![b'u'; UPLOAD])).unwrap();
        let answer = h2::collect(client.send(request).await.unwrap()).await;
        assert_eq!((answer.status.as_u16(), answer.body.as_slice()), (413, &b"early"[..]), "{path}");
        assert_eq!(client.get("/after").await.body, b"/after");
    }
}

/// How an upstream leaves after it has answered an upload without reading it.
const LEAVES: [&str; 6] =
    ["/fin", "/fin-and-says-so", "/unread", "/unread-and-says-so", "/reset", "/reset-and-says-so"];

fn leaving(path: &str) -> Script {
    let early = Answer::new(413).body("early");
    let early = if path.ends_with("so") { early.header("Connection", "close") } else { early };
    let answer = Script::answer(early).before_body();
    match path.split('-').next() {
        Some("/fin") => answer.then(Step::FinishSending).then(Step::Hang),
        Some("/unread") => answer.then(Step::Close),
        _ => answer.then(Step::Reset),
    }
}

/// The upstream closes the connection while the gateway still sends the body: the write fails, and the answer must not
/// be lost because of that.
#[tokio::test]
async fn an_upstream_that_answers_and_leaves() {
    const CLIENTS: usize = 10;
    let upstream = RecordingUpstream::start(|request| match request.target.as_str() {
        "/after" => Script::ok("/after"),
        path => leaving(path),
    })
    .await;
    let gateway = Sole::new(upstream.addr()).start();
    for path in LEAVES {
        let mut answered = 0;
        let request = post(path);
        for _ in 0..CLIENTS {
            let answer = RawClient::connect(gateway.addr).await.exchange(&request, "POST").await;
            answered += usize::from((answer.status(), answer.body.text().as_str()) == (413, "early"));
        }
        assert_eq!(answered, CLIENTS, "{path} over HTTP/1");
        let mut answered = 0;
        for _ in 0..CLIENTS {
            let mut client = H2Client::connect(gateway.addr).await;
            let request =
                Request::post(format!("http://test{path}")).body(h2::full(vec![b'u'; UPLOAD])).unwrap();
            let answer = h2::collect(client.send(request).await.unwrap()).await;
            answered += usize::from((answer.status.as_u16(), answer.body.as_slice()) == (413, &b"early"[..]));
        }
        assert_eq!(answered, CLIENTS, "{path} over HTTP/2");
        assert_eq!(RawClient::connect(gateway.addr).await.get("/after").await.text(), "/after");
    }
}

/// The same with an upstream that speaks HTTP/2: it ends the stream, or the whole connection.
#[tokio::test]
async fn an_http2_upstream_that_answers_and_leaves() {
    const CLIENTS: usize = 10;
    let upstream = H2Upstream::start(|request| {
        let head = |status: u16| H2Step::Head(http::Response::builder().status(status).body(()).unwrap());
        match request.uri().path() {
            "/stream" => vec![head(413), H2Step::Data("early".into()), H2Step::End, H2Step::Leave],
            _ => vec![head(413), H2Step::Data("early".into()), H2Step::End, H2Step::Close],
        }
    })
    .await;
    // A gateway for each, because the next request might go over a connection that is about to end.
    let gateway = || {
        TestGateway::start(&format!(
            "[pools.two]\nupstreams = [\"http://{}\"]\nprotocol = \"http2\"\n[routes.\"/\"]\npool = \"two\"\n",
            upstream.addr()
        ))
    };
    for path in ["/stream", "/connection"] {
        let request = post(path);
        for client in 0..CLIENTS {
            let one = gateway();
            let answer = RawClient::connect(one.addr).await.exchange(&request, "POST").await;
            assert_eq!((answer.status(), answer.body.text().as_str()), (413, "early"), "{path} {client}");
            let two = gateway();
            let mut client = H2Client::connect(two.addr).await;
            let request =
                Request::post(format!("http://test{path}")).body(h2::full(vec![b'u'; UPLOAD])).unwrap();
            let answer = h2::collect(client.send(request).await.unwrap()).await;
            assert_eq!((answer.status.as_u16(), answer.body.as_slice()), (413, &b"early"[..]), "{path}");
        }
    }
}
