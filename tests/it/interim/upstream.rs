//! Interim answers of an upstream.

use std::future::poll_fn;
use std::sync::Arc;

use h2::client::ResponseFuture;
use http::header::LINK;
use http::{Request, Response};
use tokio::sync::Notify;

use crate::support::gateway::{TestGateway, one_pool};
use crate::support::raw::{Head, RawClient};
use crate::support::recorder::{Answer, RecordingUpstream, Script, Step};
use crate::support::{h2 as http2, tools, within};

const EARLY: &str = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nConnection: x-hop\r\nX-Hop: 1\r\n\r\n";
const EARLY_TO_CLIENT: &str = "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n";

/// `/held` answers when it is told to, after one 103; `/several` after three interim answers; `/path` names itself in a
/// 103.
async fn upstream() -> (RecordingUpstream, Arc<Notify>) {
    let go = Arc::new(Notify::new());
    let signal = Arc::clone(&go);
    let upstream = RecordingUpstream::start(move |request| {
        let interim = match request.target.as_str() {
            "/held" => return Script::raw(EARLY).then(Step::AwaitSignal(Arc::clone(&signal))).then(hello()),
            "/several" => format!("HTTP/1.1 102 Processing\r\n\r\n{EARLY}{EARLY}"),
            path => EARLY.replace("/a", path),
        };
        Script::raw(interim).then(hello())
    })
    .await;
    (upstream, go)
}

fn hello() -> Step {
    Step::Answer(Answer::new(200).body("hello"))
}

fn gateway(upstream: &RecordingUpstream) -> TestGateway {
    TestGateway::start(&one_pool(&upstream.url(), ""))
}

fn statuses(interim: &[Head]) -> Vec<u16> {
    interim.iter().map(|head| head.status).collect()
}

#[tokio::test]
async fn an_http1_client_has_it_before_the_answer() {
    let (upstream, go) = upstream().await;
    let gateway = gateway(&upstream);
    let mut client = RawClient::connect(gateway.addr).await;
    for _ in 0..3 {
        client.send("GET /api/held HTTP/1.1\r\nHost: test\r\n\r\n").await;
        let early = client.bytes(EARLY_TO_CLIENT.len()).await;
        assert_eq!(String::from_utf8(early).unwrap(), EARLY_TO_CLIENT);
        go.notify_one();
        let answer = client.response().await;
        assert_eq!((answer.text().as_str(), answer.interim.len()), ("hello", 0));
    }
    let answer = client.get("/api/several").await;
    assert_eq!((statuses(&answer.interim), answer.text().as_str()), (vec![102, 103, 103], "hello"));
}

#[tokio::test]
async fn http1_0_gets_none() {
    let (upstream, _) = upstream().await;
    let gateway = gateway(&upstream);
    let mut client = RawClient::connect(gateway.addr).await;
    client.send("GET /api/several HTTP/1.0\r\nHost: test\r\n\r\n").await;
    let answer = client.response().await;
    assert_eq!((answer.interim.len(), answer.text().as_str()), (0, "hello"));
}

#[tokio::test]
async fn pipelined_requests_have_their_own() {
    let (upstream, _) = upstream().await;
    let gateway = gateway(&upstream);
    let mut client = RawClient::connect(gateway.addr).await;
    let paths: Vec<String> = (0..5).map(|number| format!("/{number}")).collect();
    let requests = paths.iter().map(|path| format!("GET /api{path} HTTP/1.1\r\nHost: test\r\n\r\n"));
    client.send(requests.collect::<String>()).await;
    for path in paths {
        let answer = client.response().await;
        let links: Vec<_> = answer.interim.iter().map(|early| early.headers.one("link")).collect();
        assert_eq!(links, [Some(format!("<{path}>").as_str())]);
        assert_eq!(answer.text(), "hello");
    }
}

#[tokio::test]
async fn an_http2_client_has_it_before_the_answer() {
    let (upstream, go) = upstream().await;
    let gateway = gateway(&upstream);
    let (requests, _connection) = http2::raw(gateway.addr).await;
    let mut requests = within("a stream", requests.ready()).await.unwrap();
    let mut ask = |path: &str| {
        let request = Request::get(format!("http://test/api{path}")).body(()).unwrap();
        requests.send_request(request, true).unwrap().0
    };
    let mut answer = ask("/held");
    let early = interim(&mut answer).await;
    assert_eq!((early.status().as_u16(), early.headers().len()), (103, 1));
    assert_eq!(early.headers()[LINK], "</a>");
    go.notify_one();
    assert_eq!(within("the answer", answer).await.unwrap().status(), 200);

    let mut answer = ask("/several");
    for status in [102, 103, 103] {
        assert_eq!(interim(&mut answer).await.status(), status);
    }
    assert_eq!(within("the answer", answer).await.unwrap().status(), 200);
}

async fn interim(answer: &mut ResponseFuture) -> Response<()> {
    within("an interim answer", poll_fn(|cx| answer.poll_informational(cx))).await.unwrap().unwrap()
}

#[tokio::test]
async fn curl_shows_them() {
    let Some(curl) = tools::require("curl") else { return };
    let (upstream, _) = upstream().await;
    let gateway = gateway(&upstream);
    for protocol in ["--http1.1", "--http2-prior-knowledge"] {
        let mut command = tokio::process::Command::new(&curl);
        command.args(["--silent", "--show-error", "--noproxy", "*", "-i", protocol]);
        command.arg(format!("http://{}/api/several", gateway.addr)).kill_on_drop(true);
        let output = within("curl", command.output()).await.unwrap();
        let shown = String::from_utf8_lossy(&output.stdout).into_owned();
        let of_103 = shown.lines().filter(|line| line.starts_with("HTTP/") && line.contains(" 103")).count();
        assert_eq!((of_103, shown.matches("link: </a>").count()), (2, 2), "{protocol}: {shown}");
        assert!(shown.ends_with("hello"), "{protocol}: {shown}");
    }
}
