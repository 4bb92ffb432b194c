//! Whether a path could be meant for a guarded prefix.

use super::decoded::{Encoded, acts, decoded, decoded_with, without_control};

/// Whether some upstream or some route could read this path as one at or below `prefix`.
///
/// Each reading that some program is known to use is tried: decoded not at all, once or twice; parameters (`;…`) cut
/// off before or after that; control bytes kept or dropped; `\` as `/`; repeated slashes merged; letters in either
/// case.
///
/// A router that guards `prefix` but matches raw bytes should refuse a path if this returns true and its own match
/// does not.
///
/// ```
/// use proxy_service::path::could_be_below;
///
/// assert!(could_be_below("/admin/users", "/admin"));
/// assert!(could_be_below("//%41dmin;x=1/users", "/admin"));
/// assert!(!could_be_below("/administrator", "/admin"));
/// ```
pub fn could_be_below(path: &str, prefix: &str) -> bool {
    in_any_reading(path, &mut Prefix(prefix))
}

/// Something to look for in a path, as one reader reads it.
pub(super) trait Look {
    fn at(&mut self, reading: impl Iterator<Item = u8>) -> bool;
}

/// Whether `look` finds it in any reading of the path. Parameters and control bytes are left out of each.
pub(super) fn in_any_reading(path: &str, look: &mut impl Look) -> bool {
    use Encoded::{Acts, Belongs};
    let raw = path.bytes().filter(|byte| acts(*byte)).count();
    let all = decoded(decoded(path.bytes())).filter(|byte| acts(*byte)).count();
    is_read_with([Acts, Acts], path, look)
        || raw != all
            && [[Belongs, Belongs], [Belongs, Acts], [Acts, Belongs]]
                .into_iter()
                .any(|encoded| is_read_with(encoded, path, look))
}

/// The readings that take so what they decode for the first and for the second time.
fn is_read_with([first, second]: [Encoded; 2], path: &str, look: &mut impl Look) -> bool {
    let raw = || path.bytes();
    let once = || decoded_with(first, raw());
    let cut_once = || decoded_with(first, without_parameters(raw()));
    is_at(raw(), look)
        || is_at(once(), look)
        || is_at(cut_once(), look)
        || is_once_more(second, once, cut_once, look)
        || once().any(|byte| byte.is_ascii_control())
            && is_once_more(second, || without_control(once()), || without_control(cut_once()), look)
}

/// The readings that decode a second time.
fn is_once_more<I, J>(
    encoded: Encoded,
    once: impl Fn() -> I,
    cut_once: impl Fn() -> J,
    look: &mut impl Look,
) -> bool
where
    I: Iterator<Item = u8>,
    J: Iterator<Item = u8>,
{
    is_at(decoded_with(encoded, once()), look)
        || is_at(decoded_with(encoded, cut_once()), look)
        || is_at(decoded_with(encoded, without_parameters(once())), look)
        || is_at(decoded_with(encoded, without_parameters(cut_once())), look)
}

fn is_at(path: impl Iterator<Item = u8>, look: &mut impl Look) -> bool {
    look.at(without_control(without_parameters(path)))
}

struct Prefix<'a>(&'a str);

impl Look for Prefix<'_> {
    fn at(&mut self, reading: impl Iterator<Item = u8>) -> bool {
        let mut path = Segments { bytes: reading };
        let mut wanted = self.0.split('/').filter(|segment| !segment.is_empty());
        wanted.all(|segment| path.next_is(segment.as_bytes()))
    }
}

/// Cuts each segment at its `;`. Some readers do so before decoding, as servlet containers do: a `%2f` in the
/// parameters is dropped with them. For those that do so after decoding, it begins a new segment.
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
    /// Takes the next segment and compares it. Reads no further than it has to.
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
