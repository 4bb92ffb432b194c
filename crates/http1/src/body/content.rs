//! Content in a buffer.

use bytes::{Bytes, BytesMut};

/// As much of `left` as there is.
pub(super) fn take(buffer: &mut BytesMut, left: &mut u64) -> Bytes {
    let count = usize::try_from(*left).map_or(buffer.len(), |left| left.min(buffer.len()));
    *left -= count as u64;
    buffer.split_to(count).freeze()
}
