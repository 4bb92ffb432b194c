//! Regular expressions.

use std::error::Error;
use std::fmt;
use std::ops::Range;

use regex::bytes::{Regex, RegexBuilder};

/// The most memory that a compiled regular expression takes, in bytes.
const LARGEST: usize = 1 << 20;
/// The longest regular expression, in bytes.
const LONGEST: usize = 4096;

/// A regular expression of the crate `regex`: a search takes linear time. It finds something anywhere in a text, unless it
/// is anchored with `^` and `$`.
#[derive(Clone, Debug)]
pub struct Pattern {
    regex: Regex,
    /// The same for readers that ignore the case of letters.
    folded: Regex,
    names: Vec<Box<str>>,
}

impl Pattern {
    /// Compiles it.
    ///
    /// # Errors
    /// [`InvalidPattern`] if it is none, has more than 4096 bytes, or takes more than 1 MiB when it is compiled.
    pub fn new(text: &str) -> Result<Self, InvalidPattern> {
        if text.len() > LONGEST {
            return Err(InvalidPattern(format!("has {} bytes, more than {LONGEST}", text.len())));
        }
        let built = |is_folded: bool| {
            let mut builder = RegexBuilder::new(text);
            builder.size_limit(LARGEST).dfa_size_limit(LARGEST).case_insensitive(is_folded);
            builder.build().map_err(|error| InvalidPattern(reason(&error)))
        };
        let (regex, folded) = (built(false)?, built(true)?);
        let names = regex.capture_names().flatten().map(Box::from).collect();
        Ok(Self { regex, folded, names })
    }

    /// The text that it was made from.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.regex.as_str()
    }

    /// The names of its groups, in their order.
    #[must_use]
    pub fn names(&self) -> &[Box<str>] {
        &self.names
    }

    pub(crate) fn is_match(&self, text: &[u8]) -> bool {
        self.regex.is_match(text)
    }

    /// Whether it would match if the case of letters didn't count.
    pub(crate) fn is_match_in_any_case(&self, text: &[u8]) -> bool {
        self.folded.is_match(text)
    }

    /// Where each named group was found, in the order of the names.
    pub(crate) fn groups(&self, text: &[u8]) -> Option<impl Iterator<Item = Option<Range<usize>>>> {
        let found = self.regex.captures(text)?;
        Some(self.names.iter().map(move |name| found.name(name).map(|group| group.range())))
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Pattern {}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.as_str())
    }
}

/// The last line of what `regex` says, which has the reason. The lines before it show the text.
fn reason(error: &regex::Error) -> String {
    match error {
        regex::Error::CompiledTooBig(limit) => format!("takes more than {limit} bytes when it is compiled"),
        error => {
            let said = error.to_string();
            let last = said.lines().next_back().unwrap_or_default();
            format!("can't be read: {}", last.strip_prefix("error: ").unwrap_or(last))
        }
    }
}

/// Why a text is no regular expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidPattern(String);

impl fmt::Display for InvalidPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the regular expression {}", self.0)
    }
}

impl Error for InvalidPattern {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_regular_expression_is_told_in_one_line() {
        for (text, why) in [
            ("(", "unclosed group"),
            (r"(a)\1", "backreferences are not supported"),
            ("a{1000}{1000}{1000}", "when it is compiled"),
            (&"a".repeat(4097), "4097 bytes"),
        ] {
            let error = Pattern::new(text).unwrap_err().to_string();
            assert!(error.contains(why) && !error.contains('\n'), "{error}");
        }
    }

    #[test]
    fn groups_are_told_in_the_order_of_their_names() {
        let pattern = Pattern::new("^/(?<lang>[a-z]{2})/(?:x|(?<id>[0-9]+))$").unwrap();
        let groups = |path: &str| pattern.groups(path.as_bytes()).map(Iterator::collect::<Vec<_>>);
        assert_eq!(pattern.names(), [Box::from("lang"), Box::from("id")]);
        assert_eq!(groups("/de/17"), Some(vec![Some(1..3), Some(4..6)]));
        assert_eq!(groups("/de/x"), Some(vec![Some(1..3), None]));
        assert_eq!(groups("/x"), None);
    }
}
