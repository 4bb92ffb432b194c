//! Faults in a body: the client must see that it is not complete.

use super::matrix::{Expected, Fault, Reusable, play};
use crate::support::body::BodyEnd;
use crate::support::gateway::{TestGateway, one_pool};
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordingUpstream, Script, Step};

const HEAD_ALONE: Expected = Expected::Passed(200, "");

#[tokio::test]
async fn the_body_is_cut() {
    play(
        vec![
            cut("short of its length", || length("hello").then(Step::Close)),
            cut("without its last chunk", || chunked("5\r\nhello\r\n").then(Step::Close)),
            cut("within a chunk", || chunked("9\r\nhello").then(Step::Close)),
            cut("within a chunk's size", || chunked("5\r\nhello\r\n1").then(Step::Close)),
            cut("within the trailers", || chunked("5\r\nhello\r\n0\r\nX-A: b").then(Step::Close)),
            Fault::new(
                "before its first byte",
                || length("").then(Step::Close),
                // This depends on whether the end is there together with the head.
                Expected::BrokenOrRefused,
            )
            .for_head(HEAD_ALONE),
        ],
        "",
    )
    .await;
}

/// A reset overtakes what was sent before it, so the gateway may not get to see the head.
#[tokio::test]
async fn the_connection_is_reset() {
    let reset = |name, script| {
        Fault::new(name, script, Expected::BrokenOrRefused).for_head(Expected::PassedOrRefused(""))
    };
    play(
        vec![
            reset("with a length", || length("hello").then(Step::Reset)),
            reset("chunked", || chunked("5\r\nhello\r\n").then(Step::Reset)),
            reset("until close", || until_close("hello").then(Step::Reset)),
        ],
        "",
    )
    .await;
}

#[tokio::test]
async fn the_chunks_are_malformed() {
    play(
        vec![
            cut("a size that isn't hex", || chunked("5\r\nhello\r\nzz\r\nhello\r\n0\r\n\r\n")),
            malformed_at_once("a size past 64 bits", || chunked("FFFFFFFFFFFFFFFFF\r\nhello\r\n0\r\n\r\n")),
            malformed_at_once("a negative size", || chunked("-5\r\nhello\r\n0\r\n\r\n")),
            cut("data past its size", || chunked("3\r\nhello\r\n0\r\n\r\n")),
            malformed_at_once("a size line that ends in LF", || chunked("5\nhello\r\n0\r\n\r\n")),
            Fault::new(
                "an endless extension",
                || chunked(&format!("5;{}", "a".repeat(64 << 10))),
                Expected::BrokenOrRefused,
            )
            .for_head(HEAD_ALONE),
            cut("64 KiB of trailers", || {
                chunked(&format!("5\r\nhello\r\n0\r\nX-A: {}\r\n\r\n", "a".repeat(64 << 10)))
            }),
        ],
        "",
    )
    .await;
}

#[tokio::test]
async fn the_body_stalls() {
    play(
        vec![
            cut("at its beginning", || length("")).reusable(Reusable::AfterHead),
            cut("with a length", || length("hello")),
            cut("chunked", || chunked("5\r\nhello\r\n")),
            cut("until close", || until_close("hello")),
        ],
        "[timeouts]\nbody_idle = \"400ms\"",
    )
    .await;
}

/// To an HTTP/1.0 client the end of the connection is the end of the body. Only a reset tells it that the body was cut.
#[tokio::test]
async fn http_1_0_clients_see_a_reset() {
    let upstream = RecordingUpstream::start(|request| {
        let script = if request.target == "/whole" {
            Script::raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")
        } else {
            chunked("5\r\nhello\r\n")
        };
        script.then(Step::Close)
    })
    .await;
    let gateway = TestGateway::start(&one_pool(&upstream.url(), ""));
    for (path, end) in [("/api/whole", BodyEnd::Complete), ("/api/cut", BodyEnd::Reset)] {
        let mut client = RawClient::connect(gateway.addr).await;
        client.send(format!("GET {path} HTTP/1.0\r\nHost: test\r\n\r\n")).await;
        match client.try_response_head("GET").await {
            Ok(mut response) => {
                while client.piece(&mut response).await.is_some() {}
                assert_eq!(response.body.end, end, "{path}: {response:?}");
            }
            Err(stop) => assert_ne!(end, BodyEnd::Complete, "{path}: {stop:?}"),
        }
    }
}

fn cut(name: &'static str, script: fn() -> Script) -> Fault {
    Fault::new(name, script, Expected::Broken).for_head(HEAD_ALONE)
}

/// It is in the same read as the head.
fn malformed_at_once(name: &'static str, script: fn() -> Script) -> Fault {
    Fault::new(name, script, Expected::Error(502, "http_protocol_error")).for_head(HEAD_ALONE)
}

fn length(begun: &str) -> Script {
    waiting(&format!("Content-Length: 20\r\n\r\n{begun}"))
}

fn chunked(body: &str) -> Script {
    waiting(&format!("Transfer-Encoding: chunked\r\n\r\n{body}"))
}

fn until_close(begun: &str) -> Script {
    waiting(&format!("Connection: close\r\n\r\n{begun}"))
}

fn waiting(rest: &str) -> Script {
    Script::raw(format!("HTTP/1.1 200 OK\r\n{rest}"))
}
