//! The prefix that proxies in front have taken off.

/// The prefix without slashes at its end, so that another one can follow: some proxies say `/` where they have taken off
/// nothing.
pub(crate) fn without_slashes_at_end(prefix: &[u8]) -> &[u8] {
    let end = prefix.iter().rposition(|byte| *byte != b'/').map_or(0, |last| last + 1);
    prefix.get(..end).unwrap_or_default()
}
