//! Collects problems with their byte ranges, before their lines and columns are known.

use std::ops::Range;

use super::error::Severity;

/// An error or a warning, and its place in the file.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) span: Range<usize>,
    /// The value that the place is a part of, if it is. It is shown as well.
    pub(super) value: Option<Range<usize>>,
    pub(super) message: String,
    pub(super) expected: Option<String>,
    pub(super) visibility: Visibility,
    pub(super) severity: Severity,
    /// The place of what this is about as well.
    pub(super) beside: Option<Range<usize>>,
}

/// How much of its line a problem may show. A greater one shows less.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Visibility {
    /// The value that is wrong. Other values on its line are masked.
    Value,
    /// The line, but no value on it.
    Masked,
    /// Nothing of the line.
    Hidden,
}

impl Problem {
    pub(super) fn new(span: Range<usize>, message: impl Into<String>) -> Self {
        Self {
            span,
            value: None,
            message: message.into(),
            expected: None,
            visibility: Visibility::Value,
            severity: Severity::Error,
            beside: None,
        }
    }

    /// The place is a part of this value, which holds no secret.
    pub(super) fn within(self, value: Range<usize>) -> Self {
        Self { value: Some(value), ..self }
    }

    /// It is as much about what stands here. The message says where that is.
    pub(super) fn beside(self, other: Range<usize>) -> Self {
        Self { beside: Some(other), ..self }
    }

    pub(super) fn expecting(self, expected: impl Into<String>) -> Self {
        Self { expected: Some(expected.into()), ..self }
    }

    /// Limits what is shown to `visibility`. A problem that shows less already stays as it is.
    pub(super) fn shown_as(self, visibility: Visibility) -> Self {
        Self { visibility: self.visibility.max(visibility), ..self }
    }

    /// Adds the path of the key to the message.
    pub(super) fn about(self, path: &str) -> Self {
        Self { message: format!("{path}: {}", self.message), ..self }
    }
}

/// Why a text can't be used. Unlike a [`Problem`] it has no place, since the text may come from a variable or another
/// file.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) why: String,
    pub(super) expected: &'static str,
}

impl Refusal {
    pub(super) fn new(why: impl Into<String>, expected: &'static str) -> Self {
        Self { why: why.into(), expected }
    }

    pub(super) fn at(self, span: Range<usize>) -> Problem {
        Problem::new(span, self.why).expecting(self.expected)
    }

    /// Adds to the message which text it is about.
    pub(super) fn about(self, subject: &str) -> Self {
        Self { why: format!("{subject} {}", self.why), ..self }
    }
}

/// All problems that were found so far.
#[derive(Debug, Default)]
pub(super) struct Report {
    problems: Vec<Problem>,
}

impl Report {
    pub(super) fn error(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    pub(super) fn warning(&mut self, problem: Problem) {
        self.problems.push(Problem { severity: Severity::Warning, ..problem });
    }

    /// How many errors there are so far.
    pub(super) fn errors(&self) -> usize {
        self.problems.iter().filter(|problem| problem.severity == Severity::Error).count()
    }

    /// Returns the value, or adds the problem to the report.
    pub(super) fn keep<T>(&mut self, result: Result<T, Problem>) -> Option<T> {
        result.map_err(|problem| self.error(problem)).ok()
    }

    /// Hides the line of each problem whose start is at a position for which `is_secret` is true.
    pub(super) fn hide(&mut self, is_secret: impl Fn(usize) -> bool) {
        for problem in self.problems.iter_mut().filter(|problem| is_secret(problem.span.start)) {
            problem.visibility = Visibility::Hidden;
        }
    }

    /// All problems, in the order of the file.
    pub(super) fn into_problems(mut self) -> Vec<Problem> {
        self.problems.sort_by_key(|problem| (problem.span.start, problem.span.end));
        self.problems
    }
}
