//! What is wrong within a text of the file, and where.

use std::ops::Range;

use super::report::Problem;
use super::values::Value;

/// What is wrong within a text, and at which of its bytes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) at: Range<usize>,
    pub(super) what: String,
    pub(super) expected: String,
}

impl Fault {
    pub(super) fn new(at: Range<usize>, what: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { at, what: what.into(), expected: expected.into() }
    }

    /// The problem with the value that has the text. Where the value has escapes, its bytes aren't those of the text,
    /// and all of it is pointed at.
    pub(super) fn within(self, value: &Value<'_>) -> Problem {
        let span = value.span();
        let is_plain = value.get_ref().as_str().is_some_and(|text| text.len() + 2 == span.len());
        let at = match is_plain {
            true => span.start + 1 + self.at.start..span.start + 1 + self.at.end,
            false => span.clone(),
        };
        Problem::new(at, self.what).expecting(self.expected).within(span)
    }
}
