//! Which paths could be meant for a guarded prefix.

use super::decoded::decoded;

/// Whether some upstream or some route would take this path for one at or below `prefix`, whatever it looks like: decoded
/// not at all, once or twice, with `\\` for `/`, parameters (`;…`) cut off, repeated slashes merged and case ignored.
///
/// A router that guards `prefix` by matching raw bytes refuses a path for which this says yes and its own match says no.
///
/// ```
/// use proxy_service::path::could_be_below;
///
/// assert!(could_be_below("/admin/users", "/admin"));
/// assert!(could_be_below("//%41dmin;x=1/users", "/admin"));
/// assert!(!could_be_below("/administrator", "/admin"));
/// ```
pub fn could_be_below(path: &str, prefix: &str) -> bool {
    let raw = || path.bytes();
    let once = || decoded(raw());
    is_below(raw(), prefix) || is_below(once(), prefix) || is_below(decoded(once()), prefix)
}

fn is_below(path: impl Iterator<Item = u8>, prefix: &str) -> bool {
    let mut path = Segments { bytes: path };
    let mut wanted = prefix.split('/').filter(|segment| !segment.is_empty());
    wanted.all(|segment| path.next_is(segment.as_bytes()))
}

/// The segments of a path, without empty ones and parameters.
struct Segments<I> {
    bytes: I,
}

impl<I: Iterator<Item = u8>> Segments<I> {
    /// Takes the next segment, as far as it is needed to tell whether it is this one.
    fn next_is(&mut self, wanted: &[u8]) -> bool {
        let mut left = wanted;
        let mut began = false;
        let mut in_parameters = false;
        for byte in self.bytes.by_ref() {
            match byte {
                b'/' | b'\\' if !began => in_parameters = false,
                b'/' | b'\\' => return left.is_empty(),
                _ if in_parameters => {}
                b';' => in_parameters = true,
                byte => {
                    began = true;
                    let Some((first, rest)) = left.split_first() else { return false };
                    if !first.eq_ignore_ascii_case(&byte) {
                        return false;
                    }
                    left = rest;
                }
            }
        }
        began && left.is_empty()
    }
}
