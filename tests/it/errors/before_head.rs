//! Faults between the request and the head of its answer.

use std::time::Duration;

use bytes::Bytes;

use super::matrix::{Expected, Fault, play};
use crate::support::recorder::{Script, Step};

const TERMINATED: Expected = Expected::Error(502, "connection_terminated");
const GARBLED: Expected = Expected::Error(502, "http_protocol_error");
const TOO_LARGE: Expected = Expected::Error(502, "http_response_header_section_size");
const LATE: Expected = Expected::Error(504, "http_response_timeout");

#[tokio::test]
async fn the_connection_ends() {
    play(
        vec![
            Fault::new("closed", || Script::raw("").then(Step::Close), TERMINATED),
            Fault::new("reset", || Script::raw("").then(Step::Reset), TERMINATED),
            Fault::new("half a status line", || Script::raw("HTTP/1.1 2").then(Step::Close), TERMINATED),
            Fault::new(
                "half a head",
                || Script::raw("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n").then(Step::Close),
                TERMINATED,
            ),
            Fault::new(
                "reset in the head",
                || Script::raw("HTTP/1.1 200 OK\r\nContent-Le").then(Step::Reset),
                TERMINATED,
            ),
            Fault::new(
                "nothing after a 100",
                || Script::raw("HTTP/1.1 100 Continue\r\n\r\n").then(Step::Close),
                TERMINATED,
            ),
        ],
        "",
    )
    .await;
}

#[tokio::test]
async fn the_head_is_unreadable() {
    play(
        vec![
            Fault::new("no HTTP", || Script::raw("BANANA\r\n\r\n").then(Step::AwaitClose), GARBLED),
            Fault::new("HTTP/0.9", || Script::raw("<html>hello</html>").then(Step::Close), GARBLED),
            Fault::new("a status of four digits", || raw("HTTP/1.1 2000 OK\r\n\r\n"), GARBLED),
            Fault::new("another version", || raw("HTTP/3.0 200 OK\r\n\r\n"), GARBLED),
            Fault::new("NUL in a value", || field("X-A: a\0b"), GARBLED),
            Fault::new("CR in a value", || field("X-A: a\rb"), GARBLED),
            Fault::new("a space before the colon", || field("X A : b"), GARBLED),
            Fault::new("two lengths", || field("Content-Length: 1\r\nContent-Length: 2"), GARBLED),
            Fault::new("a list of lengths", || field("Content-Length: 2, 3"), GARBLED),
            Fault::new("a negative length", || field("Content-Length: -2"), GARBLED),
            Fault::new("a length past 64 bits", || field("Content-Length: 99999999999999999999"), GARBLED),
        ],
        "",
    )
    .await;
}

#[tokio::test]
async fn the_head_is_too_large() {
    play(
        vec![
            Fault::new("1 MiB in one field", || field(&format!("X-A: {}", "a".repeat(1 << 20))), TOO_LARGE),
            Fault::new("10,000 fields", || field(&"X-A: a\r\n".repeat(10_000)), TOO_LARGE),
        ],
        "",
    )
    .await;
}

#[tokio::test]
async fn the_transfer_coding_is_not_exactly_chunked() {
    let coding = Expected::Error(502, "http_response_transfer_coding");
    let unknown = |name, script| Fault::new(name, script, coding);
    play(
        vec![
            unknown("gzip", || field("Transfer-Encoding: gzip")),
            unknown("gzip, chunked", || field("Transfer-Encoding: gzip, chunked")),
            unknown("gzip and chunked", || field("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked")),
            unknown("chunked twice", || field("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked")),
            unknown("identity", || field("Transfer-Encoding: identity")),
        ],
        "",
    )
    .await;
}

#[tokio::test]
async fn the_head_is_late() {
    play(
        vec![
            Fault::new("never", Script::silence, LATE),
            Fault::new("half of it", || raw("HTTP/1.1 200 OK\r\nContent-"), LATE),
            Fault::new("only a 103", || raw("HTTP/1.1 103 Early Hints\r\n\r\n"), LATE),
            Fault::new(
                "several 103s",
                || {
                    let interim = Bytes::from("HTTP/1.1 103 Early Hints\r\n\r\n".repeat(10));
                    Script(vec![Step::WaitForBody, Step::Trickle(interim, Duration::from_millis(2))])
                },
                LATE,
            ),
            Fault::new(
                "a byte at a time",
                || {
                    let head = Bytes::from_static(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
                    Script(vec![Step::WaitForBody, Step::Trickle(head, Duration::from_millis(50))])
                },
                LATE,
            ),
        ],
        "[timeouts]\nresponse_head = \"400ms\"",
    )
    .await;
}

#[tokio::test]
async fn a_protocol_switch_that_nobody_asked_for() {
    let failed = Expected::Error(502, "http_upgrade_failed");
    play(
        vec![
            Fault::new(
                "to websocket",
                || raw("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"),
                failed,
            ),
            Fault::new("to nothing", || raw("HTTP/1.1 101 Switching Protocols\r\n\r\nbytes"), failed),
        ],
        "",
    )
    .await;
}

/// Then it only waits for the gateway to leave: how the connection ends is up to the gateway.
fn raw(bytes: &'static str) -> Script {
    Script::raw(bytes).then(Step::AwaitClose)
}

fn field(lines: &str) -> Script {
    let answer = format!("HTTP/1.1 200 OK\r\n{lines}\r\n\r\nok");
    Script::raw(answer).then(Step::AwaitClose)
}
