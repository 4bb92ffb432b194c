//! All readings of a path, one after the other.

use super::below::{Look, in_any_reading};

/// Whether `is_it` says yes to the path in any reading that some program is known to use. It is asked for each of them
/// until it does; the readings are those of [`could_be_below`](super::could_be_below).
///
/// Encoded slashes, semicolons and control bytes act as such in some readings. In the others they are a part of their
/// segment, as `"`.
///
/// A reading is in lower case, once with `/` for each `\` and once with these as letters. It is without empty segments: also
/// without the one behind a slash at the end, so that `/` is empty. Its bytes need not be UTF-8.
///
/// A router that matches raw bytes can ask by this whether a path would lead elsewhere if it were read differently.
///
/// ```
/// use proxy_service::path::any_reading;
///
/// assert!(any_reading("//%41dmin;x=1/users/", |reading| reading == b"/admin/users"));
/// assert!(!any_reading("/administrator", |reading| reading == b"/admin"));
/// ```
pub fn any_reading(path: &str, is_it: impl FnMut(&[u8]) -> bool) -> bool {
    let capacity = path.len();
    let next = Vec::with_capacity(capacity);
    in_any_reading(path, &mut Asking { is_it, next, last: None })
}

struct Asking<F> {
    is_it: F,
    next: Vec<u8>,
    /// The reading that was asked for last. Most paths have one reading only.
    last: Option<Vec<u8>>,
}

/// What a reader takes a backslash for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Backslash {
    Slash,
    Letter,
}

impl<F: FnMut(&[u8]) -> bool> Look for Asking<F> {
    fn at(&mut self, reading: impl Iterator<Item = u8>) -> bool {
        let reading: Vec<u8> = reading.collect();
        self.asks(&reading, Backslash::Slash)
            || reading.contains(&b'\\') && self.asks(&reading, Backslash::Letter)
    }
}

impl<F: FnMut(&[u8]) -> bool> Asking<F> {
    fn asks(&mut self, reading: &[u8], backslash: Backslash) -> bool {
        let mut next = std::mem::take(&mut self.next);
        next.clear();
        let mut is_after_slash = false;
        for byte in reading {
            match byte {
                b'/' => is_after_slash = true,
                b'\\' if backslash == Backslash::Slash => is_after_slash = true,
                byte => {
                    if std::mem::take(&mut is_after_slash) {
                        next.push(b'/');
                    }
                    next.push(byte.to_ascii_lowercase());
                }
            }
        }
        let is_new = self.last.as_ref() != Some(&next);
        let is_it = is_new && (self.is_it)(&next);
        self.next = self.last.replace(next).unwrap_or_default();
        is_it
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::could_be_below;
    use super::*;

    #[test]
    fn each_reading_is_asked_for() {
        let mut readings = Vec::new();
        any_reading("/A;b%2fc//%2541/", |reading| {
            readings.push(String::from_utf8(reading.to_vec()).unwrap());
            false
        });
        readings.sort();
        readings.dedup();
        assert_eq!(readings, ["/a/%2541", "/a/%41", "/a/a", "/a/c/%41", "/a/c/a"]);
        assert!(any_reading("/", |reading| reading.is_empty()));
        assert!(any_reading("*", |reading| reading == b"*"));
    }

    /// Short, so that paths and prefixes meet often.
    fn pieces() -> impl Strategy<Value = String> {
        let piece = prop::sample::select(vec![
            "/", "a", "A", "b", "ab", "%61", "%2f", "%2561", "%09", ";", "\\", "//", ".",
        ]);
        prop::collection::vec(piece, 0..8).prop_map(|pieces| format!("/{}", pieces.concat()))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]

        #[test]
        fn as_each_prefix_for_itself(path in pieces(), prefix in "(/(a|b|ab|A)){1,3}") {
            let folded = prefix.to_ascii_lowercase();
            let is_below = |reading: &[u8]| {
                reading.strip_prefix(folded.as_bytes()).is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
            };
            prop_assert_eq!(any_reading(&path, is_below), could_be_below(&path, &prefix));
        }
    }
}
