//! Bodies that are still being sent: they are passed on as they come, and given up as soon as either side leaves. A
//! message that was cut never looks complete.

mod broken;
mod broken_http2;
mod cut;
mod early;
mod early_http2;
mod events;
mod leaving;

use bytes::Bytes;

/// The head of a chunked response, and its first chunk.
fn chunked_answer(first: &str) -> Bytes {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
    [head.as_bytes(), &chunk(first)].concat().into()
}

fn chunk(text: &str) -> Bytes {
    format!("{:x}\r\n{text}\r\n", text.len()).into()
}
