//! Header and trailer fields as they stood on the wire.

use std::fmt;

/// Name-value pairs in the order and the case in which they were received; lines are not merged. Values have lost the
/// whitespace around them and are decoded as Latin-1, so that every byte is kept.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Fields(pub Vec<(String, String)>);

impl Fields {
    /// The value of every line of that name, in any case.
    pub fn all(&self, name: &str) -> Vec<&str> {
        self.0.iter().filter(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str()).collect()
    }

    /// The value of the only line of that name.
    ///
    /// # Panics
    /// If there are several: a test that reads one of two has already missed the bug.
    pub fn one(&self, name: &str) -> Option<&str> {
        let all = self.all(name);
        assert!(all.len() <= 1, "{} lines of {name}: {all:?}", all.len());
        all.first().copied()
    }

    pub fn has(&self, name: &str) -> bool {
        !self.all(name).is_empty()
    }

    /// Whether one of the comma-separated members of any line of `name` is `token`, in any case.
    pub fn lists(&self, name: &str, token: &str) -> bool {
        self.all(name)
            .iter()
            .flat_map(|line| line.split(','))
            .any(|member| member.trim().eq_ignore_ascii_case(token))
    }
}

impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.0.iter().map(|(name, value)| (name, value))).finish()
    }
}
