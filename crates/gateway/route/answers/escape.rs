//! Bytes that can't stand in a URI.

/// Writes what can't stand in a URI as `%XX` (RFC 3986 §2), and a backslash, which browsers take for a slash.
pub(super) fn escape(bytes: &[u8], into: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let digit = |nibble: u8| DIGITS.get(usize::from(nibble)).copied().unwrap_or_default();
    for byte in bytes {
        if byte.is_ascii_graphic() && !b"\"<>\\".contains(byte) {
            into.push(*byte);
        } else {
            into.extend_from_slice(&[b'%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
}
