//! What is to be written to a socket.

use std::io::IoSlice;
use std::ops::Deref;

use bytes::Buf;

/// How many slices one write has at most.
const SLICES: usize = 16;

/// Encoded heads, chunk heads and trailers that are to be written, in a buffer that is kept.
#[derive(Debug, Default)]
pub struct WriteBuffer {
    bytes: Vec<u8>,
    written: usize,
}

impl WriteBuffer {
    /// An empty buffer, which has no memory yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { bytes: Vec::new(), written: 0 }
    }

    /// The buffer, so that something is appended.
    pub fn bytes(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// Whether everything is written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.len() == self.written
    }

    /// What is not written yet.
    #[must_use]
    pub fn left(&self) -> &[u8] {
        self.bytes.get(self.written..).unwrap_or_default()
    }

    /// What is not written yet, and behind it `piece`, as slices for one vectored write. If they are not enough, the
    /// rest is for the next write.
    pub fn slices_with<'a, D: Buf>(&'a self, piece: &'a Framed<D>) -> Slices<'a> {
        let mut slices = Slices { slices: [IoSlice::new(&[]); SLICES], used: 0 };
        slices.push(self.left());
        if let Some((_last, free)) = slices.free().split_last_mut() {
            let count = piece.data.chunks_vectored(free);
            let gathered: usize = free.iter().take(count).map(|slice| slice.len()).sum();
            slices.used += count;
            if gathered == piece.data.remaining() {
                slices.push(piece.end);
            }
        }
        slices
    }

    /// Notes that `written` bytes were written, of this buffer and then of `piece`, which is none once it is written.
    pub fn note_written<D: Buf>(&mut self, written: usize, piece: &mut Option<Framed<D>>) {
        let here = written.min(self.left().len());
        self.written += here;
        if self.is_empty() {
            self.bytes.clear();
            self.written = 0;
        }
        piece.take_if(|piece| piece.is_written_with(written - here));
    }
}

/// Slices for one vectored write. None of them is empty.
#[derive(Debug)]
pub struct Slices<'a> {
    slices: [IoSlice<'a>; SLICES],
    used: usize,
}

impl<'a> Slices<'a> {
    fn free(&mut self) -> &mut [IoSlice<'a>] {
        self.slices.get_mut(self.used..).unwrap_or_default()
    }

    fn push(&mut self, bytes: &'a [u8]) {
        if let Some(slice) = self.free().first_mut().filter(|_| !bytes.is_empty()) {
            *slice = IoSlice::new(bytes);
            self.used += 1;
        }
    }
}

impl<'a> Deref for Slices<'a> {
    type Target = [IoSlice<'a>];

    fn deref(&self) -> &[IoSlice<'a>] {
        self.slices.get(..self.used).unwrap_or_default()
    }
}

/// A piece of a body. If it is a chunk, also the end of that chunk.
#[derive(Debug)]
pub struct Framed<D> {
    data: D,
    end: &'static [u8],
}

impl<D: Buf> Framed<D> {
    /// The piece `data`, and what [`Server::send_data`](crate::Server::send_data) or
    /// [`Client::send_data`](crate::Client::send_data) returned for it.
    pub fn new(data: D, end: &'static [u8]) -> Self {
        Self { data, end }
    }

    /// Removes the written `bytes` from the piece. Says whether nothing of it is left.
    fn is_written_with(&mut self, bytes: usize) -> bool {
        let of_data = bytes.min(self.data.remaining());
        self.data.advance(of_data);
        self.end.advance(bytes - of_data);
        !self.data.has_remaining() && self.end.is_empty()
    }
}
