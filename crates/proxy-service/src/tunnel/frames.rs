//! Finds where the frames of a WebSocket end (RFC 6455 section 5.2), in bytes that pass by.

/// How far the bytes of one side have come in their frames. Of each frame, it looks at the ten bytes at most that tell
/// the length. The rest is skipped, however long it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frames {
    next: Next,
    is_close: bool,
    have_closed: bool,
}

/// What the next byte is.
#[derive(Clone, Copy, Debug)]
enum Next {
    /// The first of a frame, with its opcode.
    Opcode,
    /// The second, with a short length.
    Length,
    /// One of a longer length.
    LongLength { left: u8, length: u64, mask: u64 },
    /// One of the mask or of the content.
    Content { left: u64 },
}

const CLOSE: u8 = 0x8;

impl Frames {
    /// Before the first frame.
    pub(super) fn new() -> Self {
        Self { next: Next::Opcode, is_close: false, have_closed: false }
    }

    /// Whether no frame is incomplete.
    pub(super) fn are_whole(&self) -> bool {
        matches!(self.next, Next::Opcode)
    }

    /// Whether a whole Close frame was among them.
    pub(super) fn have_closed(&self) -> bool {
        self.have_closed
    }

    /// Follows these bytes.
    pub(super) fn follow(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let count = self.follow_one(bytes);
            bytes = bytes.get(count..).unwrap_or_default();
        }
    }

    /// How many of these bytes belong to the frame that is incomplete.
    pub(super) fn rest_of_one(mut self, bytes: &[u8]) -> usize {
        if self.are_whole() { 0 } else { self.follow_one(bytes) }
    }

    /// Follows these bytes, but no further than to the end of a frame. Returns how many it followed.
    fn follow_one(&mut self, bytes: &[u8]) -> usize {
        let mut rest = bytes;
        loop {
            if let Next::Content { left } = self.next {
                let count = usize::try_from(left).unwrap_or(usize::MAX).min(rest.len());
                rest = rest.get(count..).unwrap_or_default();
                let left = left - count as u64;
                self.next = if left == 0 { self.complete() } else { Next::Content { left } };
                return bytes.len() - rest.len();
            }
            let Some((&byte, behind)) = rest.split_first() else { return bytes.len() };
            rest = behind;
            self.next = self.read(byte);
        }
    }

    fn complete(&mut self) -> Next {
        self.have_closed |= self.is_close;
        Next::Opcode
    }

    /// Reads a byte that stands before the mask and the content.
    fn read(&mut self, byte: u8) -> Next {
        match self.next {
            Next::Opcode => {
                self.is_close = byte & 0x0f == CLOSE;
                Next::Length
            }
            Next::Length => {
                let mask = if byte & 0x80 == 0 { 0 } else { 4 };
                match byte & 0x7f {
                    126 => Next::LongLength { left: 2, length: 0, mask },
                    127 => Next::LongLength { left: 8, length: 0, mask },
                    length => Next::Content { left: mask + u64::from(length) },
                }
            }
            Next::LongLength { left, length, mask } => {
                let length = length << 8 | u64::from(byte);
                match left {
                    1 => Next::Content { left: length.saturating_add(mask) },
                    _ => Next::LongLength { left: left - 1, length, mask },
                }
            }
            content @ Next::Content { .. } => content,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    /// A frame with so much content.
    fn frame(opcode: u8, length: usize, mask: Option<[u8; 4]>) -> Vec<u8> {
        let masked = if mask.is_some() { 0x80 } else { 0 };
        let mut frame = vec![0x80 | opcode];
        match length {
            0..126 => frame.push(masked | length as u8),
            126..65_536 => {
                frame.push(masked | 126);
                frame.extend((length as u16).to_be_bytes());
            }
            _ => {
                frame.push(masked | 127);
                frame.extend((length as u64).to_be_bytes());
            }
        }
        frame.extend(mask.into_iter().flatten());
        frame.extend(std::iter::repeat_n(0x88, length));
        frame
    }

    fn lengths() -> impl Strategy<Value = usize> {
        prop_oneof![0..5usize, 120..130usize, 65_530..65_540usize]
    }

    proptest! {
        #[test]
        fn it_knows_each_end_however_the_bytes_are_cut(
            frames in vec((0..3u8, lengths(), any::<Option<[u8; 4]>>()), 1..5),
            cut in 1..200usize,
        ) {
            let frames: Vec<_> = frames.iter().map(|&(opcode, length, mask)| frame(opcode, length, mask)).collect();
            let ends: Vec<_> = frames.iter().scan(0, |end, frame| { *end += frame.len(); Some(*end) }).collect();
            let (mut follower, mut at) = (Frames::new(), 0);
            for piece in frames.concat().chunks(cut) {
                let rest = ends.iter().find(|&&end| end > at).map_or(0, |end| end - at);
                let expected = if follower.are_whole() { 0 } else { rest.min(piece.len()) };
                prop_assert_eq!(follower.rest_of_one(piece), expected);
                follower.follow(piece);
                at += piece.len();
                prop_assert_eq!(follower.are_whole(), ends.contains(&at));
            }
            prop_assert!(!follower.have_closed());
        }

        #[test]
        fn a_close_is_known_when_all_of_it_has_passed(before in lengths(), mask in any::<Option<[u8; 4]>>(), reason in 0..125usize) {
            let (before, close) = (frame(1, before, mask), frame(CLOSE, reason, mask));
            let mut follower = Frames::new();
            follower.follow(&before);
            follower.follow(&close[..close.len() - 1]);
            prop_assert!(!follower.have_closed());
            follower.follow(&close[close.len() - 1..]);
            prop_assert!(follower.have_closed() && follower.are_whole());
        }

        #[test]
        fn anything_else_harms_nobody(bytes in vec(any::<u8>(), 0..2000), cut in 1..50usize) {
            let mut follower = Frames::new();
            for piece in bytes.chunks(cut) {
                prop_assert!(follower.rest_of_one(piece) <= piece.len());
                follower.follow(piece);
            }
        }
    }
}
