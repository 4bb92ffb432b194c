//! How readers decode the bytes of a path. These are iterators: they can be applied twice, and store nothing.

/// Percent-decodes once. A `%` that begins no valid triplet stays as it is.
pub(super) fn decoded<I: Iterator<Item = u8>>(bytes: I) -> Decoded<I> {
    Decoded { bytes, ahead: [None, None] }
}

/// Drops control bytes, as some readers do.
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
