//! Paths, and which of them a request's path is at or below.

use std::fmt;

/// A value for each of some paths.
#[derive(Clone)]
pub(super) struct Places<T> {
    /// Sorted by path.
    sorted: Vec<(Box<str>, T)>,
    /// The length of the longest path.
    longest: usize,
}

impl<T> Places<T> {
    /// Adds a path. Returns whether it is new; if not, nothing is changed.
    pub(super) fn add(&mut self, path: &str, value: T) -> bool {
        let Err(at) = self.search(path) else { return false };
        self.sorted.insert(at, (path.into(), value));
        self.longest = self.longest.max(path.len());
        true
    }

    /// The values of all paths that `path` is at or below, segment by segment, with the lengths of those paths. The
    /// longest comes first. The path `/` is only above itself.
    pub(super) fn around(&self, path: &str) -> impl Iterator<Item = (&T, usize)> {
        // A path of one byte is `/`, which is above nothing.
        let ends = path.rmatch_indices('/').map(|(slash, _)| slash).filter(|slash| *slash > 1);
        std::iter::once(path.len()).chain(ends).filter(|end| *end <= self.longest).filter_map(move |end| {
            let found = self.search(path.get(..end)?).ok()?;
            self.sorted.get(found).map(|(_, value)| (value, end))
        })
    }

    fn search(&self, path: &str) -> Result<usize, usize> {
        self.sorted.binary_search_by(|(other, _)| (**other).cmp(path))
    }
}

impl<T> Default for Places<T> {
    fn default() -> Self {
        Self { sorted: Vec::new(), longest: 0 }
    }
}

impl<T> fmt::Debug for Places<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.sorted.iter().map(|(path, _)| path)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segment_by_segment_from_the_longest() {
        let mut places = Places::default();
        for path in ["/", "/api", "/api/v1", "/a", "/apis", "/api/v1/x/y"] {
            assert!(places.add(path, path));
            assert!(!places.add(path, "again"));
        }
        for (path, expected) in [
            ("/", &["/"][..]),
            ("/api", &["/api"]),
            ("/api/", &["/api"]),
            ("/api//", &["/api"]),
            ("/api/v1", &["/api/v1", "/api"]),
            ("/api/v1/x/z", &["/api/v1", "/api"]),
            ("/api/v1/x/y/z", &["/api/v1/x/y", "/api/v1", "/api"]),
            ("/api/v12", &["/api"]),
            ("/apis/v1", &["/apis"]),
            ("/apiz", &[]),
            ("//api", &[]),
            ("/b", &[]),
            ("*", &[]),
            ("", &[]),
        ] {
            let around: Vec<_> = places.around(path).collect();
            let expected: Vec<_> = expected.iter().map(|place| (place, place.len())).collect();
            assert_eq!(around, expected, "{path}");
        }
    }
}
