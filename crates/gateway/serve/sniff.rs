//! Finds out which protocol a connection speaks. HTTP/2 with prior knowledge begins with a fixed preface (RFC 9113
//! section 3.4). Everything else is HTTP/1.

use std::future::poll_fn;
use std::io;

use bytes::BytesMut;
use tokio::io::AsyncRead;

use super::protocol::Protocol;
use super::stream::poll_read_new;

pub(super) const PREFACE: [u8; 24] = *b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Reads until the protocol is certain. Returns it with the bytes that were read, which belong to the protocol. `None`
/// if the client closed the connection without sending a byte.
pub(super) async fn sniff(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<(Protocol, BytesMut)>> {
    let mut received = BytesMut::new();
    loop {
        let more = poll_fn(|cx| poll_read_new(stream, cx)).await?;
        let is_end = more.is_empty();
        received.unsplit(more);
        let protocol = if received.is_empty() {
            return Ok(None);
        } else if received.starts_with(&PREFACE) {
            Protocol::Http2
        } else if is_end || !PREFACE.starts_with(&received) {
            Protocol::Http1
        } else {
            continue;
        };
        return Ok(Some((protocol, received)));
    }
}
