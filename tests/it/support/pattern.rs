//! An endless sequence of bytes in which anything lost, repeated or misplaced shows.

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

/// Byte `i` is `i % period`. A prime period is no multiple of any buffer size.
#[derive(Clone)]
pub struct Pattern {
    period: usize,
    bytes: Vec<u8>,
}

impl Pattern {
    pub const PIECE: usize = 64 << 10;

    pub fn new(period: u8) -> Self {
        let bytes = (0..period).cycle().take(Self::PIECE + usize::from(period)).collect();
        Self { period: usize::from(period), bytes }
    }

    /// `length` bytes, at most a [`PIECE`](Self::PIECE), from position `at`.
    pub fn piece(&self, at: usize, length: usize) -> &[u8] {
        &self.bytes[at % self.period..][..length]
    }

    /// Writes the first `size` bytes: a multiple of a piece.
    pub async fn write(&self, to: &mut (impl AsyncWrite + Unpin), size: usize) {
        for at in (0..size).step_by(Self::PIECE) {
            to.write_all(self.piece(at, Self::PIECE)).await.unwrap();
        }
    }

    /// Reads to the end, which must come after exactly the first `size` bytes.
    pub async fn expect(&self, from: &mut (impl AsyncRead + Unpin), size: usize) {
        let (mut read, mut at) = (vec![0; Self::PIECE], 0);
        loop {
            match from.read(&mut read).await.unwrap() {
                0 => break,
                count => {
                    assert!(read[..count] == *self.piece(at, count), "changed after {at} bytes");
                    at += count;
                }
            }
        }
        assert_eq!(at, size);
    }
}

/// Reads up to the empty line of a head, and not a byte more.
pub async fn skip_head(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(super::within("a head", stream.read_u8()).await.unwrap());
    }
    String::from_utf8(head).unwrap()
}
