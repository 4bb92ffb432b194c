//! Paths that everyone reads in the same way.

use crate::config::Matching;

/// Whether it takes a path and everything below it, in letters that everyone reads in the same way.
pub(super) fn is_plain_prefix(matching: &Matching) -> bool {
    matching.path_regex().is_none() && matching.prefix().is_some_and(is_plain)
}

/// Whether everyone reads this path in the same way, but for a slash at its end. Then the slower comparison isn't needed.
pub(super) fn is_plain(path: &str) -> bool {
    let mut previous = 0;
    path.bytes().all(|byte| {
        let is_second_slash = byte == b'/' && previous == b'/';
        previous = byte;
        !is_second_slash && matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~')
    })
}
