//! Many guarded prefixes, looked up at once. It takes as long for thousands of them as for one.

use super::below::{Look, in_any_reading};

/// A set of guarded prefixes. It answers for all of them what [`could_be_below`](super::could_be_below) answers for
/// one.
///
/// ```
/// use proxy_service::path::Guarded;
///
/// let guarded: Guarded = ["/admin", "/api/keys"].into_iter().collect();
/// assert!(guarded.has_way_around("//%41dmin/users"));
/// assert!(!guarded.has_way_around("/admin/users"));
/// assert!(!guarded.has_way_around("/administrator"));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Guarded {
    top: Branch,
}

impl Guarded {
    /// Whether a path could be meant for one of the prefixes, but is not below that prefix as it stands. A router
    /// that matches raw bytes would then send it elsewhere.
    pub fn has_way_around(&self, path: &str) -> bool {
        !self.top.below.is_empty() && in_any_reading(path, &Around { guarded: self, path })
    }
}

impl<'a> FromIterator<&'a str> for Guarded {
    fn from_iter<I: IntoIterator<Item = &'a str>>(prefixes: I) -> Self {
        let mut guarded = Self::default();
        for prefix in prefixes {
            let segments = prefix.split('/').filter(|segment| !segment.is_empty());
            let branch = segments.fold(&mut guarded.top, Branch::grown);
            branch.prefixes.push(prefix.into());
        }
        guarded
    }
}

/// The guarded prefixes that begin with the same segments.
#[derive(Clone, Debug, Default)]
struct Branch {
    /// The prefixes that end here, as they are spelled. They may differ in the case of letters.
    prefixes: Vec<Box<str>>,
    /// The next segments, in lower case and sorted.
    below: Vec<(Box<[u8]>, Branch)>,
}

impl Branch {
    fn grown(&mut self, segment: &str) -> &mut Self {
        let segment = segment.to_ascii_lowercase().into_bytes().into_boxed_slice();
        let found = self.below.binary_search_by(|(other, _)| other.cmp(&segment));
        let index = found.unwrap_or_else(|index| {
            self.below.insert(index, (segment, Self::default()));
            index
        });
        let (_, branch) = self.below.get_mut(index).expect("found there, or put there");
        branch
    }

    fn is_walked_around_by(&self, path: &str) -> bool {
        self.prefixes.iter().any(|prefix| !is_below(path, prefix))
    }
}

/// Whether a router would match.
fn is_below(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Looks for a reading that leads below a prefix, although the path itself isn't below it.
struct Around<'a> {
    guarded: &'a Guarded,
    path: &'a str,
}

impl Look for Around<'_> {
    fn at(&self, reading: impl Iterator<Item = u8>) -> bool {
        let mut segment = Segment::of(&self.guarded.top);
        for byte in reading {
            segment = match byte {
                b'/' | b'\\' if segment.length == 0 => segment,
                b'/' | b'\\' => match segment.branch() {
                    Some(branch) if branch.is_walked_around_by(self.path) => return true,
                    Some(branch) => Segment::of(branch),
                    None => return false,
                },
                byte => segment.with(byte.to_ascii_lowercase()),
            };
            if segment.candidates.is_empty() {
                return false;
            }
        }
        segment.branch().is_some_and(|branch| branch.is_walked_around_by(self.path))
    }
}

/// The beginning of a segment, and the known segments that begin so.
#[derive(Clone, Copy)]
struct Segment<'a> {
    candidates: &'a [(Box<[u8]>, Branch)],
    length: usize,
}

impl<'a> Segment<'a> {
    fn of(branch: &'a Branch) -> Self {
        Self { candidates: &branch.below, length: 0 }
    }

    /// Adds a byte. All candidates agree in the bytes before it, so they are sorted by this one.
    fn with(self, byte: u8) -> Self {
        let at = |(segment, _): &(Box<[u8]>, Branch)| segment.get(self.length).copied();
        let begin = self.candidates.partition_point(|candidate| at(candidate) < Some(byte));
        let end = self.candidates.partition_point(|candidate| at(candidate) <= Some(byte));
        let candidates = self.candidates.get(begin..end).unwrap_or_default();
        Self { candidates, length: self.length + 1 }
    }

    /// What is below the segment, if it ends here. The shortest candidate comes first.
    fn branch(self) -> Option<&'a Branch> {
        let (segment, branch) = self.candidates.first()?;
        (self.length > 0 && segment.len() == self.length).then_some(branch)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::could_be_below;
    use super::*;

    /// Short, so that paths and prefixes meet often.
    fn pieces() -> impl Strategy<Value = String> {
        let piece = prop::sample::select(vec![
            "/", "a", "A", "b", "ab", "%61", "%2f", "%2561", "%09", ";", "\\", "//", ".",
        ]);
        prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]

        #[test]
        fn as_each_prefix_for_itself(
            path in pieces(),
            prefixes in prop::collection::vec("(/(a|b|ab|A)){1,3}", 0..5),
        ) {
            let guarded: Guarded = prefixes.iter().map(String::as_str).collect();
            let walks_around = |prefix: &String| !is_below(&path, prefix) && could_be_below(&path, prefix);
            prop_assert_eq!(guarded.has_way_around(&path), prefixes.iter().any(walks_around));
        }
    }
}
