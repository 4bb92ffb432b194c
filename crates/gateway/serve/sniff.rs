//! Finds out which protocol a connection speaks. HTTP/2 with prior knowledge begins with a fixed preface (RFC 9113
//! section 3.4). Everything else is HTTP/1.

use std::io;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncReadExt as _};

const PREFACE: [u8; 24] = *b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    Http1,
    Http2,
}

/// Reads until the protocol is certain. Returns it with the bytes that were read, which belong to the protocol. `None`
/// if the client closed the connection without sending a byte.
pub(super) async fn sniff(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<(Protocol, Bytes)>> {
    let mut opening = [0; PREFACE.len()];
    let mut len = 0;
    loop {
        let read = stream.read(opening.get_mut(len..).unwrap_or_default()).await?;
        len += read;
        let so_far = opening.get(..len).unwrap_or_default();
        let protocol = if so_far.is_empty() {
            return Ok(None);
        } else if so_far == PREFACE {
            Protocol::Http2
        } else if read == 0 || !PREFACE.starts_with(so_far) {
            Protocol::Http1
        } else {
            continue;
        };
        return Ok(Some((protocol, Bytes::copy_from_slice(so_far))));
    }
}
