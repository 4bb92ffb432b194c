//! What was read from a socket.

use std::ops::{Deref, DerefMut};

use bytes::BytesMut;

use crate::BodyLength;

/// How many bytes are read at a time: this many at first, and twice as many after each read that fills the buffer, up
/// to the most.
const LEAST_READ: usize = 8 * 1024;
const MOST_READ: usize = 64 * 1024;
/// If the buffer has less room than this, more is made before the next read.
const WORTH_READING: usize = 1024;

/// The bytes that were read from a socket and are not used yet. It learns how much a peer sends at a time.
#[derive(Debug)]
pub struct ReadBuffer {
    bytes: BytesMut,
    next_read: usize,
}

impl ReadBuffer {
    /// An empty buffer, which has no memory yet.
    #[must_use]
    pub fn new() -> Self {
        Self { bytes: BytesMut::new(), next_read: LEAST_READ }
    }

    /// Makes room for the next read, in which what is `left` of a body is expected. After the read, call
    /// [`note_read`](Self::note_read) with what this returns: the number of bytes that there is room for.
    pub fn make_room(&mut self, left: BodyLength) -> usize {
        if self.room() < WORTH_READING {
            let wanted = match left {
                BodyLength::Exactly(left) => {
                    usize::try_from(left).unwrap_or(MOST_READ).clamp(LEAST_READ, self.next_read)
                }
                _ => self.next_read,
            };
            self.bytes.reserve(wanted);
        }
        self.room()
    }

    /// Notes that `read` bytes were read into room for `offered`. Reads that fill the room make the next ones larger.
    pub fn note_read(&mut self, read: usize, offered: usize) {
        if read == offered {
            self.next_read = (self.next_read * 2).min(MOST_READ);
        }
    }

    /// Takes out the bytes that are not used yet.
    #[must_use]
    pub fn into_bytes(self) -> BytesMut {
        self.bytes
    }

    fn room(&self) -> usize {
        self.bytes.capacity() - self.bytes.len()
    }
}

impl From<BytesMut> for ReadBuffer {
    /// A buffer with bytes that were read in another way.
    fn from(bytes: BytesMut) -> Self {
        Self { bytes, ..Self::new() }
    }
}

impl Deref for ReadBuffer {
    type Target = BytesMut;

    fn deref(&self) -> &BytesMut {
        &self.bytes
    }
}

impl DerefMut for ReadBuffer {
    fn deref_mut(&mut self) -> &mut BytesMut {
        &mut self.bytes
    }
}

impl Default for ReadBuffer {
    fn default() -> Self {
        Self::new()
    }
}
