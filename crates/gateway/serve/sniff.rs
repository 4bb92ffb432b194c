//! Which protocol a cleartext connection speaks: HTTP/2 with prior knowledge opens with a fixed preface
//! (RFC 9113 section 3.4), everything else is HTTP/1.

use std::io;

use tokio::io::{AsyncReadExt as _, ReadBuf};
use tokio::net::TcpStream;

const PREFACE: [u8; 24] = *b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    Http1,
    Http2,
}

/// The bytes read to find out, to be read again by whoever speaks the protocol.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Opening {
    bytes: [u8; PREFACE.len()],
    len: usize,
    replayed: usize,
}

impl Opening {
    /// What was not yet read again.
    pub(super) fn rest(&self) -> &[u8] {
        self.bytes.get(self.replayed..self.len).unwrap_or_default()
    }

    /// Reads as much of it again as fits.
    pub(super) fn replay(&mut self, buf: &mut ReadBuf<'_>) {
        let fits = self.rest().len().min(buf.remaining());
        buf.put_slice(self.rest().get(..fits).unwrap_or_default());
        self.replayed += fits;
    }
}

/// Reads until the protocol is certain; `None` when the peer left without a word.
pub(super) async fn sniff(stream: &mut TcpStream) -> io::Result<Option<(Protocol, Opening)>> {
    let mut opening = Opening::default();
    loop {
        let free = opening.bytes.get_mut(opening.len..).unwrap_or_default();
        let read = stream.read(free).await?;
        opening.len += read;
        let so_far = opening.rest();
        if so_far.is_empty() {
            return Ok(None);
        } else if so_far == PREFACE {
            return Ok(Some((Protocol::Http2, opening)));
        } else if read == 0 || !PREFACE.starts_with(so_far) {
            return Ok(Some((Protocol::Http1, opening)));
        }
    }
}
