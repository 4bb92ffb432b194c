//! Path policy: which request paths may be forwarded at all. Pure; nothing is decoded into a new path.
//!
//! A proxy that matches one path and an upstream that resolves another are two programs with two opinions about
//! who may see what. So the ambiguous is refused instead of repaired.

use std::fmt;

/// Why a path is not forwarded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PathError {
    /// A segment that some upstream would resolve as `.` or `..`, in whatever encoding (RFC 3986 §5.2.4).
    DotSegment,
    /// A control character, raw or percent-encoded once.
    Control,
    /// A raw backslash, which some upstreams read as `/`.
    Backslash,
    /// A raw byte outside ASCII (RFC 3986 §2 wants it percent-encoded).
    NonAscii,
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DotSegment => "dot segment in the path",
            Self::Control => "control character in the path",
            Self::Backslash => "backslash in the path",
            Self::NonAscii => "non-ASCII byte in the path",
        })
    }
}

impl std::error::Error for PathError {}

/// Says whether a raw path (no query) means the same to everyone, so that it may be matched and forwarded as it is.
///
/// The path is split at `/`, `\` and their encodings (once or twice encoded); a piece that, decoded not at all, once
/// or twice and cut at `;`, is `.` or `..` is refused. A lone `%2F` in a segment passes.
///
/// # Errors
/// The first [`PathError`] found.
///
/// ```
/// use proxy_service::path::{PathError, check};
///
/// assert_eq!(check("/a%2Fb//c;v=1/..."), Ok(()));
/// assert_eq!(check("/static/%2e%2e/admin"), Err(PathError::DotSegment));
/// assert_eq!(check("/static/..;/admin"), Err(PathError::DotSegment));
/// ```
pub fn check(path: &str) -> Result<(), PathError> {
    let mut may_hide_dots = false;
    for byte in path.bytes() {
        match byte {
            b'.' | b'%' => may_hide_dots = true,
            b'\\' => return Err(PathError::Backslash),
            0x00..=0x1f | 0x7f => return Err(PathError::Control),
            0x80.. => return Err(PathError::NonAscii),
            _ => {}
        }
    }
    if may_hide_dots { check_encoded(path.as_bytes()) } else { Ok(()) }
}

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

fn check_encoded(path: &[u8]) -> Result<(), PathError> {
    if decoded(path.iter().copied()).any(|byte| byte.is_ascii_control()) {
        return Err(PathError::Control);
    }
    let once = || decoded(path.iter().copied());
    if has_dot_segment(path.iter().copied()) || has_dot_segment(once()) || has_dot_segment(decoded(once())) {
        return Err(PathError::DotSegment);
    }
    Ok(())
}

/// Looks for a segment that is `.` or `..` once its parameters (`;…`) are cut off.
fn has_dot_segment(path: impl Iterator<Item = u8>) -> bool {
    /// What of the current segment has been seen.
    #[derive(Clone, Copy, PartialEq)]
    enum Segment {
        Empty,
        Dot,
        DotDot,
        Parameters { after_dots: bool },
        Name,
    }
    use Segment::{Dot, DotDot, Empty, Name, Parameters};

    let is_dots = |segment| matches!(segment, Dot | DotDot | Parameters { after_dots: true });
    let mut segment = Empty;
    for byte in path {
        segment = match (byte, segment) {
            (b'/' | b'\\', dots) if is_dots(dots) => return true,
            (b'/' | b'\\', _) => Empty,
            (_, Parameters { .. }) => segment,
            (b';', dots) => Parameters { after_dots: is_dots(dots) },
            (b'.', Empty) => Dot,
            (b'.', Dot) => DotDot,
            _ => Name,
        };
    }
    is_dots(segment)
}

/// Percent-decodes once, lazily; a `%` that starts no valid triplet stands for itself.
fn decoded<I: Iterator<Item = u8>>(bytes: I) -> Decoded<I> {
    Decoded { bytes, ahead: [None, None] }
}

struct Decoded<I> {
    bytes: I,
    ahead: [Option<u8>; 2],
}

impl<I: Iterator<Item = u8>> Decoded<I> {
    fn pull(&mut self) -> Option<u8> {
        let [first, second] = &mut self.ahead;
        first.take().or_else(|| second.take()).or_else(|| self.bytes.next())
    }
}

impl<I: Iterator<Item = u8>> Iterator for Decoded<I> {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        let byte = self.pull()?;
        if byte != b'%' {
            return Some(byte);
        }
        let high = self.pull();
        let Some(high_value) = high.and_then(hex) else {
            self.ahead = [high, None];
            return Some(byte);
        };
        let low = self.pull();
        let Some(low_value) = low.and_then(hex) else {
            self.ahead = [high, low];
            return Some(byte);
        };
        Some(high_value << 4 | low_value)
    }
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn clear_paths_pass() {
        for path in [
            "",
            "/",
            "*",
            "//",
            "/a/b",
            "/a%2Fb",
            "/a%5cb",
            "/a%25b",
            "/%zz",
            "/%",
            "/%2",
            "/...",
            "/.hidden",
            "/a.b",
            "/a..b",
            "/..a",
            "/;v=1",
            "/a;v/b",
            "/%2e%2e%2e",
            "/a%3Bb",
            "/%252F",
        ] {
            assert_eq!(check(path), Ok(()), "{path}");
        }
    }

    #[test]
    fn dot_segments_never_pass() {
        for path in [
            "/.",
            "/..",
            "/../x",
            "/a/./b",
            "/a/..",
            "/%2e",
            "/%2E%2e/x",
            "/.%2e/x",
            "/%252e%252e/x",
            "/%25%32%65./x",
            "/..;/x",
            "/..;a=b/x",
            "/.;",
            "/..%3bx",
            "/..%2fx",
            "/..%5cx",
            "/a%2f..%2fb",
            "/a%2f%2e%2e",
            "/..%252fx",
            "/a/%2e%2e%5c",
            "..",
            "/static/..%2f..%2fadmin",
        ] {
            assert_eq!(check(path), Err(PathError::DotSegment), "{path}");
        }
    }

    #[test]
    fn what_no_one_should_decode_never_passes() {
        for (path, error) in [
            ("/a\\b", PathError::Backslash),
            ("/a\0", PathError::Control),
            ("/a%00", PathError::Control),
            ("/a%0d%0aX:%20y", PathError::Control),
            ("/a%7F", PathError::Control),
            ("/a%1b", PathError::Control),
            ("/a\u{e9}", PathError::NonAscii),
        ] {
            assert_eq!(check(path), Err(error), "{path}");
        }
    }

    /// The rule as behaviour.md words it, slowly: split the raw path, decode each piece, cut it, compare.
    fn as_worded(path: &str) -> bool {
        let decode = |text: &[u8]| -> Vec<u8> {
            let (mut out, mut at) = (Vec::new(), 0);
            while at < text.len() {
                let triplet = (text[at] == b'%')
                    .then(|| text.get(at + 1..at + 3))
                    .flatten()
                    .filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))
                    .and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
                out.push(triplet.unwrap_or(text[at]));
                at += if triplet.is_some() { 3 } else { 1 };
            }
            out
        };
        let split = path.replace("%2f", "/").replace("%2F", "/").replace("%5c", "/").replace("%5C", "/");
        split.split('/').any(|piece| {
            let once = decode(piece.as_bytes());
            [piece.as_bytes().to_vec(), once.clone(), decode(&once)]
                .iter()
                .filter_map(|bytes| bytes.split(|b| *b == b';').next())
                .any(|name| name == b"." || name == b"..")
        })
    }

    #[test]
    fn below_a_prefix_however_it_is_spelled() {
        for path in [
            "/admin",
            "/admin/",
            "/admin/x",
            "//admin",
            "/ADMIN/x",
            "/%61dmin",
            "/%2561dmin/x",
            "/admin;x/y",
            "/;a/admin",
            "/%2fadmin",
            "/%5cadmin",
            "\\\\admin",
            "/admin%2fx",
            "/admin%3bx",
            "/;/admin",
            "/%2f%2fadmin//x",
            "/admin;",
        ] {
            assert!(could_be_below(path, "/admin"), "{path}");
        }
        for path in [
            "/",
            "",
            "/adminx",
            "/admi",
            "/x/admin",
            "/api/admin",
            "/a/dmin",
            "/;admin",
            "/admin.php",
            "/admi;n",
        ] {
            assert!(!could_be_below(path, "/admin"), "{path}");
        }
        assert!(could_be_below("/API//admin/x", "/api/admin"));
        assert!(!could_be_below("/api/x/admin", "/api/admin"));
    }

    proptest! {
        #[test]
        fn never_laxer_than_the_rule(
            path in "/(\\.|%2e|%2E|%252e|;|/|%2f|%5c|%25|a|%3b|%){0,12}"
        ) {
            prop_assert!(!as_worded(&path) || check(&path).is_err(), "{path}");
        }

        #[test]
        fn a_path_without_dots_or_escapes_passes(path in "(/[a-zA-Z0-9_~;:@!$&'()*+,=-]{0,8}){0,6}") {
            prop_assert_eq!(check(&path), Ok(()));
        }

        #[test]
        fn total(path in any::<String>()) {
            let _ = check(&path);
        }
    }
}
