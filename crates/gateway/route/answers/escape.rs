//! Bytes that can't stand in a URI.

use crate::route::percent::encoded;

/// Writes what can't stand in a URI as `%XX` (RFC 3986 §2), and a backslash, which browsers take for a slash.
pub(super) fn escape(bytes: &[u8], into: &mut Vec<u8>) {
    for byte in bytes {
        if byte.is_ascii_graphic() && !b"\"<>\\".contains(byte) {
            into.push(*byte);
        } else {
            into.extend_from_slice(&encoded(*byte));
        }
    }
}
