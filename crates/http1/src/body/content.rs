//! Taking content out of a buffer.

use bytes::{Bytes, BytesMut};

/// Takes at most `left` bytes off the beginning of `buffer`, and counts them off `left`.
pub(super) fn take(buffer: &mut BytesMut, left: &mut u64) -> Bytes {
    let count = usize::try_from(*left).map_or(buffer.len(), |left| left.min(buffer.len()));
    *left -= count as u64;
    buffer.split_to(count).freeze()
}
