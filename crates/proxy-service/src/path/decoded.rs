//! How readers decode the bytes of a path. These are iterators: they can be applied twice, and store nothing.

/// Percent-decodes once. A `%` that begins no valid triplet stays as it is.
pub(super) fn decoded<I: Iterator<Item = u8>>(bytes: I) -> Decoded<I> {
    decoded_with(Encoded::Acts, bytes)
}

/// Percent-decodes once, as a reader does who takes what was encoded so.
pub(super) fn decoded_with<I: Iterator<Item = u8>>(encoded: Encoded, bytes: I) -> Decoded<I> {
    Decoded { encoded, bytes, ahead: [None, None] }
}

/// What a reader does with slashes, semicolons and control bytes that were encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoded {
    /// They are what they would be if they weren't encoded, as for who decodes the whole path.
    Acts,
    /// They are a part of their segment like any letter, as for who splits the path before it is decoded.
    Belongs,
}

/// Stands for what is a part of its segment. No route's path has it.
const BELONGING: u8 = b'"';

/// Drops control bytes, as some readers do.
pub(super) fn without_control(bytes: impl Iterator<Item = u8>) -> impl Iterator<Item = u8> {
    bytes.filter(|byte| !byte.is_ascii_control())
}

/// Whether a byte is more than a letter of its segment.
pub(super) fn acts(byte: u8) -> bool {
    matches!(byte, b'/' | b'\\' | b';') || byte.is_ascii_control()
}

pub(super) struct Decoded<I> {
    encoded: Encoded,
    bytes: I,
    ahead: [Option<u8>; 2],
}

impl<I: Iterator<Item = u8>> Decoded<I> {
    fn pull(&mut self) -> Option<u8> {
        let [first, second] = &mut self.ahead;
        first.take().or_else(|| second.take()).or_else(|| self.bytes.next())
    }
}

impl<I: Iterator<Item = u8>> Iterator for Decoded<I> {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        let byte = self.pull()?;
        if byte != b'%' {
            return Some(byte);
        }
        let high = self.pull();
        let Some(high_value) = high.and_then(hex) else {
            self.ahead = [high, None];
            return Some(byte);
        };
        let low = self.pull();
        let Some(low_value) = low.and_then(hex) else {
            self.ahead = [high, low];
            return Some(byte);
        };
        match high_value << 4 | low_value {
            byte if self.encoded == Encoded::Belongs && acts(byte) => Some(BELONGING),
            byte => Some(byte),
        }
    }
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}
