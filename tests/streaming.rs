//! Bodies that are still under way: passed on as they come, given up as soon as anybody leaves, never ended by a lie.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

#[path = "streaming/broken.rs"]
mod broken;
#[path = "streaming/broken_http2.rs"]
mod broken_http2;
#[path = "streaming/cut.rs"]
mod cut;
#[path = "streaming/early.rs"]
mod early;
#[path = "streaming/early_http2.rs"]
mod early_http2;
#[path = "streaming/events.rs"]
mod events;
#[path = "streaming/leaving.rs"]
mod leaving;

use bytes::Bytes;

/// The head of a response in chunks, and the first of them.
fn chunked_answer(first: &str) -> Bytes {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
    [head.as_bytes(), &chunk(first)].concat().into()
}

fn chunk(text: &str) -> Bytes {
    format!("{:x}\r\n{text}\r\n", text.len()).into()
}
