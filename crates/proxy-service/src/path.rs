//! Which request paths may be forwarded.
//!
//! A router decides by the path who may see what. If the upstream reads that path differently, the decision was about
//! another resource. So a path that could be read in two ways is refused, not repaired, and nothing is decoded into a
//! new path.
//!
//! Encoded control bytes are legal (RFC 3986 §2.1), and pass. But some readers drop them, as browsers' URL parsers
//! drop tabs and line ends. So each rule also holds for the path without them.

mod below;
mod decoded;
mod readings;
#[cfg(test)]
mod tests;

use std::fmt;

pub use self::below::could_be_below;
use self::decoded::{decoded, without_control};
pub use self::readings::any_reading;

/// Why a path is not forwarded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PathError {
    /// A segment that some upstream would read as `.` or `..`, in whatever encoding (RFC 3986 §5.2.4).
    DotSegment,
    /// A raw control character, or a NUL, raw or encoded.
    Control,
    /// A raw backslash, which some upstreams read as `/`.
    Backslash,
    /// A raw byte outside ASCII. RFC 3986 §2 wants it percent-encoded.
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

/// Checks that a raw path, without its query, means the same to every reader. Then it may be matched and forwarded as
/// it is.
///
/// The path is split at `/`, `\` and their encodings, single or double. A segment is cut at `;`, and refused if it is
/// `.` or `..`: as it stands, decoded once or decoded twice. The same holds for the path without its control bytes.
///
/// A single `%2F` in a segment passes, and so do encoded control bytes except `%00`.
///
/// # Errors
/// The first [`PathError`] that is found.
///
/// ```
/// use proxy_service::path::{PathError, check};
///
/// assert_eq!(check("/a%2Fb//c;v=1/..."), Ok(()));
/// assert_eq!(check("/static/%2e%2e/admin"), Err(PathError::DotSegment));
/// assert_eq!(check("/static/..;/admin"), Err(PathError::DotSegment));
/// assert_eq!(check("/two%0alines"), Ok(()));
/// assert_eq!(check("/cut%00off"), Err(PathError::Control));
/// ```
pub fn check(path: &str) -> Result<(), PathError> {
    let mut may_hide_dots = false;
    let mut previous = b'/';
    for byte in path.bytes() {
        match byte {
            b'.' if previous == b'/' => may_hide_dots = true,
            b'%' => may_hide_dots = true,
            b'\\' => return Err(PathError::Backslash),
            0x00..=0x1f | 0x7f => return Err(PathError::Control),
            0x80.. => return Err(PathError::NonAscii),
            _ => {}
        }
        previous = byte;
    }
    if may_hide_dots { check_encoded(path.as_bytes()) } else { Ok(()) }
}

fn check_encoded(path: &[u8]) -> Result<(), PathError> {
    let raw = || path.iter().copied();
    let once = || decoded(raw());
    let mut holds_control = false;
    for byte in once().filter(u8::is_ascii_control) {
        if byte == 0 {
            return Err(PathError::Control);
        }
        holds_control = true;
    }
    let climbs = has_dot_segment(raw())
        || has_dot_segment(once())
        || has_dot_segment(decoded(once()))
        || holds_control && has_dot_segment(decoded(without_control(once())));
    if climbs { Err(PathError::DotSegment) } else { Ok(()) }
}

/// Looks for a segment that is `.` or `..` once its parameters (`;…`) and control bytes are left out.
fn has_dot_segment(path: impl Iterator<Item = u8>) -> bool {
    /// What of the current segment was seen so far.
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
    for byte in without_control(path) {
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
