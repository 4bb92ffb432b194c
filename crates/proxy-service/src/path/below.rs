//! Which paths could be meant for a guarded prefix.

use super::decoded::{decoded, without_control};

/// Whether some upstream or some route would take this path for one at or below `prefix`, whatever it looks like: decoded
/// not at all, once or twice, parameters (`;…`) cut off before or after that, control bytes left out or not, with `\\` for
/// `/`, repeated slashes merged and case ignored.
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
    let cut_once = || decoded(without_parameters(raw()));
    is_below(raw(), prefix)
        || is_below(once(), prefix)
        || is_below(cut_once(), prefix)
        || is_below_once_more(once, cut_once, prefix)
        || once().any(|byte| byte.is_ascii_control())
            && is_below_once_more(|| without_control(once()), || without_control(cut_once()), prefix)
}

/// Decoded a second time, of what decoding once has left of the path and of the path without parameters.
fn is_below_once_more<I, J>(once: impl Fn() -> I, cut_once: impl Fn() -> J, prefix: &str) -> bool
where
    I: Iterator<Item = u8>,
    J: Iterator<Item = u8>,
{
    is_below(decoded(once()), prefix)
        || is_below(decoded(cut_once()), prefix)
        || is_below(decoded(without_parameters(once())), prefix)
        || is_below(decoded(without_parameters(cut_once())), prefix)
}

fn is_below(path: impl Iterator<Item = u8>, prefix: &str) -> bool {
    let mut path = Segments { bytes: without_control(without_parameters(path)) };
    let mut wanted = prefix.split('/').filter(|segment| !segment.is_empty());
    wanted.all(|segment| path.next_is(segment.as_bytes()))
}

/// Cuts each segment at its `;`. Whoever does so before decoding (as servlet containers do) drops a `%2f` in parameters
/// with them, whoever does so after it has a segment more.
fn without_parameters(path: impl Iterator<Item = u8>) -> impl Iterator<Item = u8> {
    let mut in_parameters = false;
    path.filter(move |byte| {
        in_parameters = match byte {
            b'/' | b'\\' => false,
            b';' => true,
            _ => in_parameters,
        };
        !in_parameters
    })
}

/// The segments of a path, without empty ones.
struct Segments<I> {
    bytes: I,
}

impl<I: Iterator<Item = u8>> Segments<I> {
    /// Takes the next segment, as far as it is needed to tell whether it is this one.
    fn next_is(&mut self, wanted: &[u8]) -> bool {
        let mut left = wanted;
        let mut began = false;
        for byte in self.bytes.by_ref() {
            match byte {
                b'/' | b'\\' if !began => {}
                b'/' | b'\\' => return left.is_empty(),
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
