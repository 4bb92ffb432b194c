//! Answers that are odd but no failures: they are passed on or refused, and never leave a connection in an unknown
//! state.

use bytes::Bytes;

use super::matrix::{Expected, Fault, Reusable, play};
use crate::support::gateway::{TestGateway, one_pool};
use crate::support::raw::RawClient;
use crate::support::recorder::{Answer, RecordingUpstream, Script, Step};

const HELLO: Expected = Expected::Passed(200, "hello");

#[tokio::test]
async fn interim_answers_are_never_taken_for_the_answer() {
    play(
        vec![
            Fault::new("10,000 x 100", || after("HTTP/1.1 100 Continue\r\n\r\n"), HELLO)
                .reusable(Reusable::Always),
            Fault::new("10,000 x 103", || after("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"), HELLO)
                .reusable(Reusable::Always),
        ],
        "",
    )
    .await;
}

#[tokio::test]
async fn bytes_after_an_answer_end_its_connection() {
    let no_content = Expected::Passed(204, "");
    let not_modified = Expected::Passed(304, "");
    play(
        vec![
            Fault::new("more than the length", || Script::raw(format!("{WHOLE}extra")), HELLO),
            Fault::new("two answers", || Script::raw(format!("{WHOLE}{WHOLE}")), HELLO),
            Fault::new(
                "204 with a body",
                || Script::raw("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello"),
                no_content,
            ),
            Fault::new(
                "304 with a body",
                || Script::raw("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\nhello"),
                not_modified,
            ),
        ],
        "",
    )
    .await;
}

#[tokio::test]
async fn answers_without_a_length_end_with_their_connection() {
    play(
        vec![
            Fault::new("HTTP/1.0", || Script::raw("HTTP/1.0 200 OK\r\n\r\nhello").then(Step::Close), HELLO),
            Fault::new("HTTP/1.1", || Script::raw("HTTP/1.1 200 OK\r\n\r\nhello").then(Step::Close), HELLO),
            Fault::new(
                "half-closed",
                || Script::raw(WHOLE).then(Step::FinishSending).then(Step::AwaitClose),
                HELLO,
            ),
        ],
        "",
    )
    .await;
}

/// One framing is chosen, or the answer is refused: what goes out has a framing of its own.
#[tokio::test]
async fn ambiguous_framing_is_reframed_or_refused() {
    let either = |name, script| {
        Fault::new(name, script, Expected::PassedOrRefused("hello")).reusable(Reusable::Always)
    };
    play(
        vec![
            either("two equal lengths", || answer("Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello")),
            either("a list of equal lengths", || answer("Content-Length: 5, 5\r\n\r\nhello")),
            either("length and chunked", || {
                answer("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")
            }),
            either("chunked and length", || {
                answer("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n5\r\nhello\r\n0\r\n\r\n")
            }),
        ],
        "",
    )
    .await;
}

/// The answer goes out although most of the request body is still to come, and the connection isn't used again. (If all
/// of the body were sent, buffers on the way might take it, the exchange would be complete, and the connection could
/// rightly be used again.)
#[tokio::test]
async fn an_early_answer_goes_out() {
    for name in ["close", "keep-alive"] {
        let upstream = RecordingUpstream::start(move |request| match (request.method.as_str(), name) {
            ("POST", "close") => refusal().then(Step::Close),
            ("POST", _) => refusal().then(Step::AwaitClose),
            _ => Script::ok("fine"),
        })
        .await;
        let gateway = TestGateway::start(&one_pool(&upstream.url(), ""));
        for framing in ["Content-Length: 16777216\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n1000000\r\n"] {
            let mut client = RawClient::connect(gateway.addr).await;
            let head = format!("POST /api/x HTTP/1.1\r\nHost: test\r\n{framing}");
            let request = [head.as_bytes(), &vec![b'x'; 1 << 20]].concat();
            let response = client.exchange(&request, "POST").await;
            let shown = (response.status(), response.text());
            let is_passed = shown == (403, "no".to_owned());
            // The reset of the upstream may destroy its own answer on the way.
            let is_lost = name == "close" && shown == (502, "Bad Gateway\n".to_owned());
            assert!(is_passed || is_lost, "{name}: {response:?}");
            assert_eq!(RawClient::connect(gateway.addr).await.get("/api/fine").await.text(), "fine");
        }
        let requests = upstream.requests();
        for (at, post) in requests.iter().enumerate().filter(|(_, request)| request.method == "POST") {
            let later = requests[at + 1..].iter().find(|later| later.connection == post.connection);
            assert!(later.is_none(), "{name}: followed by {later:?}");
        }
    }
}

/// The next request on it would have to be HTTP/1.0, which has no chunks.
#[tokio::test]
async fn a_connection_kept_alive_in_http10_is_not_used_again() {
    let upstream = RecordingUpstream::start(|request| match request.method.as_str() {
        "GET" => Script::raw("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok"),
        _ => Script::echo(),
    })
    .await;
    let gateway = TestGateway::start(&one_pool(&upstream.url(), ""));
    let mut client = RawClient::connect(gateway.addr).await;
    assert_eq!(client.get("/api/x").await.text(), "ok");
    let chunked =
        b"POST /api/x HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n";
    assert_eq!(client.exchange(chunked, "POST").await.text(), "body");
}

const WHOLE: &str = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

fn after(interim: &str) -> Script {
    // The answer to a HEAD has no body, and the bytes of one would be surplus.
    let answer = Step::Answer(Answer::new(200).body(Bytes::from_static(b"hello")));
    Script::raw(interim.repeat(2_000)).then(answer)
}

fn refusal() -> Script {
    Script(vec![Step::ReadBody(1), Step::Answer(Answer::new(403).body("no"))])
}

fn answer(rest: &str) -> Script {
    Script::raw(format!("HTTP/1.1 200 OK\r\n{rest}"))
}
