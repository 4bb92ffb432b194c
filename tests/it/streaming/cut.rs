//! An upstream that breaks off in the middle of its answer: no client may take half of it for the whole.

use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use http_body_util::BodyExt as _;
use tokio::sync::Notify;

use super::chunked_answer;
use crate::support::body::BodyEnd;
use crate::support::h2::{self, H2Client};
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordingUpstream, Script, Step};
use crate::support::sole::Sole;
use crate::support::within;

#[derive(Clone, Copy, Debug)]
enum Cut {
    Close,
    Reset,
    Killed,
    /// Something that is no chunk: the connection is alive, but the message is beyond repair.
    Garbage,
}

/// How the answer that is cut was framed. An answer that only the end of the connection delimits is cut only by a
/// reset.
const FRAMINGS: [(&str, &[Cut]); 3] = [
    ("chunked", &[Cut::Close, Cut::Reset, Cut::Killed, Cut::Garbage]),
    ("length", &[Cut::Close, Cut::Reset, Cut::Killed]),
    ("close", &[Cut::Reset]),
];

/// What the clients have got before the cut.
const BEGUN: &str = "begun";

fn begun(framing: &str) -> Bytes {
    match framing {
        "chunked" => chunked_answer(BEGUN),
        "length" => format!("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{BEGUN}").into(),
        _ => format!("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{BEGUN}").into(),
    }
}

struct Cutter {
    upstream: RecordingUpstream,
    cut: Cut,
    signal: Arc<Notify>,
}

impl Cutter {
    async fn start(framing: &'static str, cut: Cut) -> Self {
        let signal = Arc::new(Notify::new());
        let told = Arc::clone(&signal);
        let upstream = RecordingUpstream::start(move |request| {
            if request.target == "/after" {
                return Script::ok("after");
            }
            let begun =
                Script::default().then(Step::Send(begun(framing))).then(Step::AwaitSignal(Arc::clone(&told)));
            match cut {
                Cut::Close => begun.then(Step::Close),
                Cut::Reset => begun.then(Step::Reset),
                Cut::Killed => begun.then(Step::Hang),
                Cut::Garbage => begun.then(Step::Send("not a chunk\r\n".into())).then(Step::AwaitClose),
            }
        })
        .await;
        Self { upstream, cut, signal }
    }

    /// Cuts the answer, and is ready for the next request.
    async fn cut(&mut self) {
        match self.cut {
            Cut::Killed => self.upstream.restart().await,
            _ => self.signal.notify_one(),
        }
    }
}

#[tokio::test]
async fn an_http1_client_sees_a_broken_message() {
    for (framing, cuts) in FRAMINGS {
        for &cut in cuts {
            let mut cutter = Cutter::start(framing, cut).await;
            let gateway = Sole::new(cutter.upstream.addr()).start();
            let mut client = RawClient::connect(gateway.addr).await;
            client.send("GET /cut HTTP/1.1\r\nHost: test\r\n\r\n").await;
            let mut response = client.response_head("GET").await;
            client.until(&mut response, BEGUN).await;
            cutter.cut().await;
            while client.piece(&mut response).await.is_some() {}
            assert_eq!(response.body.text(), BEGUN, "{framing} {cut:?}");
            assert!(
                matches!(response.body.end, BodyEnd::Truncated | BodyEnd::Reset),
                "{framing} {cut:?}: {response:?}"
            );
            assert_eq!(RawClient::connect(gateway.addr).await.get("/after").await.text(), "after");
        }
    }
}

/// HTTP/1.0 has no chunks: there, a closed connection would mean a complete answer, so it must be reset.
#[tokio::test]
async fn an_http1_0_client_sees_a_reset() {
    for (framing, cuts) in FRAMINGS {
        for &cut in cuts {
            let mut cutter = Cutter::start(framing, cut).await;
            let gateway = Sole::new(cutter.upstream.addr()).start();
            let mut client = RawClient::connect(gateway.addr).await;
            client.send("GET /cut HTTP/1.0\r\nHost: test\r\n\r\n").await;
            let mut response = client.response_head("GET").await;
            client.until(&mut response, BEGUN).await;
            cutter.cut().await;
            while client.piece(&mut response).await.is_some() {}
            assert_ne!(response.body.end, BodyEnd::Complete, "{framing} {cut:?}: {response:?}");
        }
    }
}

#[tokio::test]
async fn an_http2_client_sees_a_reset_stream_and_keeps_its_connection() {
    for (framing, cuts) in FRAMINGS {
        for &cut in cuts {
            let mut cutter = Cutter::start(framing, cut).await;
            let gateway = Sole::new(cutter.upstream.addr()).start();
            let mut client = H2Client::connect(gateway.addr).await;
            let request = Request::get("http://test/cut").body(h2::empty()).unwrap();
            let mut response = client.send(request).await.unwrap();
            let first = within("data", response.body_mut().frame()).await.unwrap().unwrap();
            assert_eq!(first.into_data().unwrap(), BEGUN);
            cutter.cut().await;
            let rest = h2::collect(response).await;
            let reason = rest.end.expect_err("half an answer ended well");
            assert!(reason.is_some(), "{framing} {cut:?}: no RST_STREAM");
            assert_eq!(client.get("/after").await.body, b"after", "{framing} {cut:?}");
        }
    }
}

/// Where the end of the connection is the end of the answer, an orderly close is no cut.
#[tokio::test]
async fn an_answer_until_close_may_end() {
    let mut cutter = Cutter::start("close", Cut::Close).await;
    let gateway = Sole::new(cutter.upstream.addr()).start();
    let mut client = RawClient::connect(gateway.addr).await;
    client.send("GET /cut HTTP/1.1\r\nHost: test\r\n\r\n").await;
    let mut response = client.response_head("GET").await;
    client.until(&mut response, BEGUN).await;
    cutter.cut().await;
    while client.piece(&mut response).await.is_some() {}
    assert_eq!(response.text(), BEGUN);
    assert_eq!(client.get("/after").await.text(), "after");
}
