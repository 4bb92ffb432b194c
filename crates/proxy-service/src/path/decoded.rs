//! What readers make of a path's bytes, as iterators: applied twice, they do it twice, and nothing is stored.

/// Percent-decodes once, lazily; a `%` that starts no valid triplet stands for itself.
pub(super) fn decoded<I: Iterator<Item = u8>>(bytes: I) -> Decoded<I> {
    Decoded { bytes, ahead: [None, None] }
}

/// As it is to those who drop control bytes.
pub(super) fn without_control(bytes: impl Iterator<Item = u8>) -> impl Iterator<Item = u8> {
    bytes.filter(|byte| !byte.is_ascii_control())
}

pub(super) struct Decoded<I> {
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
        Some(high_value << 4 | low_value)
    }
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}
