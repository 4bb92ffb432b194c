//! Bytes as they stand in a URI that can't have them.

/// A byte as `%XX` (RFC 3986 §2.1).
pub(super) fn encoded(byte: u8) -> [u8; 3] {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let digit = |value: u8| DIGITS.get(usize::from(value)).copied().unwrap_or_default();
    [b'%', digit(byte >> 4), digit(byte & 15)]
}
