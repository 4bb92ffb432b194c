//! What a header, a query parameter or a path is compared with.

use std::fmt;

use super::pattern::Pattern;

/// What the value of a header or of a query parameter has to be. If there are several values, one of them has to be it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ValueTest {
    /// This value.
    Exact(Box<str>),
    /// A value that begins so.
    Prefix(Box<str>),
    /// A value that ends so.
    Suffix(Box<str>),
    /// A value that has this in it.
    Contains(Box<str>),
    /// A value in which this is found.
    Regex(Pattern),
    /// Any value.
    Exists,
    /// None of the values is this. It holds as well where there is no value.
    Not(Box<ValueTest>),
}

impl ValueTest {
    /// Whether it holds for these values, none or several.
    pub(crate) fn holds<V: AsRef<[u8]>>(&self, mut values: impl Iterator<Item = V>) -> bool {
        let (mut test, mut wanted) = (self, true);
        while let Self::Not(not) = test {
            (test, wanted) = (not, !wanted);
        }
        values.any(|value| test.fits(value.as_ref())) == wanted
    }

    fn fits(&self, value: &[u8]) -> bool {
        match self {
            Self::Exact(text) => value == text.as_bytes(),
            Self::Prefix(text) => value.starts_with(text.as_bytes()),
            Self::Suffix(text) => value.ends_with(text.as_bytes()),
            Self::Contains(text) => value.windows(text.len().max(1)).any(|part| part == text.as_bytes()),
            Self::Regex(pattern) => pattern.is_match(value),
            Self::Exists => true,
            Self::Not(not) => !not.fits(value),
        }
    }
}

impl fmt::Display for ValueTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(text) => write!(f, "is {text:?}"),
            Self::Prefix(text) => write!(f, "begins with {text:?}"),
            Self::Suffix(text) => write!(f, "ends with {text:?}"),
            Self::Contains(text) => write!(f, "contains {text:?}"),
            Self::Regex(pattern) => write!(f, "matches {pattern}"),
            Self::Exists => f.write_str("exists"),
            Self::Not(not) => write!(f, "not: {not}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Box<str> {
        text.into()
    }

    #[test]
    fn one_of_several_values_is_enough() {
        let regex = ValueTest::Regex(Pattern::new("^a+$").unwrap());
        for (test, values, holds) in [
            (ValueTest::Exact(text("a")), &["b", "a"][..], true),
            (ValueTest::Exact(text("a")), &["b", "A"], false),
            (ValueTest::Exact(text("a")), &[], false),
            (ValueTest::Prefix(text("ab")), &["abc"], true),
            (ValueTest::Suffix(text("bc")), &["abc"], true),
            (ValueTest::Contains(text("b")), &["abc"], true),
            (ValueTest::Contains(text("b")), &["ac"], false),
            (regex.clone(), &["b", "aaa"], true),
            (regex, &["aab"], false),
            (ValueTest::Exists, &[""], true),
            (ValueTest::Exists, &[], false),
            (ValueTest::Not(Box::new(ValueTest::Exists)), &[], true),
            (ValueTest::Not(Box::new(ValueTest::Exact(text("a")))), &[], true),
            (ValueTest::Not(Box::new(ValueTest::Exact(text("a")))), &["b"], true),
            (ValueTest::Not(Box::new(ValueTest::Exact(text("a")))), &["b", "a"], false),
            (ValueTest::Not(Box::new(ValueTest::Not(Box::new(ValueTest::Exists)))), &["a"], true),
        ] {
            assert_eq!(test.holds(values.iter()), holds, "{test} {values:?}");
        }
    }
}
