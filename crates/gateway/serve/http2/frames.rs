//! Finds the frames in one direction of an HTTP/2 connection (RFC 9113 section 4.1). It reads their heads and skips
//! their payloads.

/// The size of a frame's head in bytes.
const HEAD: usize = 9;

/// Follows the bytes of one direction, beginning with the head of the first frame.
#[derive(Debug, Default)]
pub(super) struct Frames {
    /// The start of a head that comes in several reads or writes.
    head: [u8; HEAD],
    head_len: usize,
    payload_left: u32,
}

/// The head of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) kind: u8,
    /// The size of the payload in bytes.
    pub(super) length: u32,
    pub(super) stream: u32,
}

impl Frame {
    pub(super) const DATA: u8 = 0;
    pub(super) const HEADERS: u8 = 1;
    pub(super) const CONTINUATION: u8 = 9;

    fn of([l0, l1, l2, kind, _flags, s0, s1, s2, s3]: [u8; HEAD]) -> Self {
        const RESERVED: u32 = 1 << 31;
        let stream = u32::from_be_bytes([s0, s1, s2, s3]) & !RESERVED;
        Self { kind, length: u32::from_be_bytes([0, l0, l1, l2]), stream }
    }
}

impl Frames {
    /// Reads the next bytes, and calls `seen` for each frame as soon as its head is complete.
    pub(super) fn follow(&mut self, mut bytes: &[u8], mut seen: impl FnMut(Frame)) {
        while !bytes.is_empty() {
            bytes = if self.payload_left > 0 { self.skip(bytes) } else { self.read_head(bytes, &mut seen) };
        }
    }

    /// Whether the last frame is complete and the next one has not begun.
    pub(super) fn is_between_frames(&self) -> bool {
        self.head_len == 0 && self.payload_left == 0
    }

    fn skip<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let skipped = u32::try_from(bytes.len()).map_or(self.payload_left, |len| len.min(self.payload_left));
        self.payload_left -= skipped;
        bytes.get(skipped as usize..).unwrap_or_default()
    }

    /// Reads a head. Most heads come in one piece, and are not copied.
    fn read_head<'a>(&mut self, bytes: &'a [u8], seen: &mut impl FnMut(Frame)) -> &'a [u8] {
        let (head, rest) = match bytes.split_first_chunk() {
            Some((head, rest)) if self.head_len == 0 => (*head, rest),
            _ => {
                let (more, rest) = bytes.split_at(bytes.len().min(HEAD - self.head_len));
                for (free, byte) in self.head.iter_mut().skip(self.head_len).zip(more) {
                    *free = *byte;
                }
                self.head_len += more.len();
                if self.head_len < HEAD {
                    return rest;
                }
                self.head_len = 0;
                (self.head, rest)
            }
        };
        let frame = Frame::of(head);
        self.payload_left = frame.length;
        seen(frame);
        rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_found_however_the_bytes_are_cut() {
        let bytes = [
            &[0, 0, 3, 0, 1, 0x80, 0, 0, 5][..],
            b"abc",
            &[0, 0, 0, 4, 0, 0, 0, 0, 0],
            &[0, 1, 0, 1, 4, 0, 0, 1, 0],
            &[7; 256],
        ]
        .concat();
        let expected = [
            Frame { kind: Frame::DATA, length: 3, stream: 5 },
            Frame { kind: 4, length: 0, stream: 0 },
            Frame { kind: Frame::HEADERS, length: 256, stream: 256 },
        ];
        for piece in 1..bytes.len() {
            let (mut frames, mut found) = (Frames::default(), Vec::new());
            for piece in bytes.chunks(piece) {
                frames.follow(piece, |frame| found.push(frame));
            }
            assert_eq!(found, expected, "in pieces of {piece}");
            assert!(frames.is_between_frames(), "in pieces of {piece}");
        }
    }

    #[test]
    fn a_frame_that_is_cut_off_is_not_over() {
        let bytes = [0, 0, 2, 6, 0, 0, 0, 0, 0, b'p', b'i'];
        for cut in 1..bytes.len() {
            let mut frames = Frames::default();
            frames.follow(&bytes[..cut], |_| {});
            assert!(!frames.is_between_frames(), "after {cut} bytes");
        }
    }
}
