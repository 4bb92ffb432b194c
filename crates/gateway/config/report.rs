//! Problems as they are found, by byte range, before they are given lines and columns.

use std::ops::Range;

use super::error::Severity;

/// Something wrong at a place in the file.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) span: Range<usize>,
    pub(super) message: String,
    pub(super) expected: Option<String>,
    pub(super) visibility: Visibility,
    pub(super) severity: Severity,
}

/// How much of the line at fault an error may show; the strictest is the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Visibility {
    /// The value at fault; other values on its line are masked.
    Value,
    /// No value at all.
    Masked,
    /// Not even the line.
    Hidden,
}

impl Problem {
    pub(super) fn new(span: Range<usize>, message: impl Into<String>) -> Self {
        Self {
            span,
            message: message.into(),
            expected: None,
            visibility: Visibility::Value,
            severity: Severity::Error,
        }
    }

    pub(super) fn expecting(self, expected: impl Into<String>) -> Self {
        Self { expected: Some(expected.into()), ..self }
    }

    /// Shows no more than `visibility` allows: what is hidden already stays hidden.
    pub(super) fn shown_as(self, visibility: Visibility) -> Self {
        Self { visibility: self.visibility.max(visibility), ..self }
    }

    /// Says which key it is about.
    pub(super) fn about(self, path: &str) -> Self {
        Self { message: format!("{path}: {}", self.message), ..self }
    }
}

/// Why a text can't be used, wherever it came from.
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

    /// Says which text.
    pub(super) fn about(self, subject: &str) -> Self {
        Self { why: format!("{subject} {}", self.why), ..self }
    }
}

/// Everything found so far.
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

    /// The value, or a note of why there is none.
    pub(super) fn keep<T>(&mut self, result: Result<T, Problem>) -> Option<T> {
        result.map_err(|problem| self.error(problem)).ok()
    }

    /// Hides the lines of the problems that begin where `is_secret`.
    pub(super) fn hide(&mut self, is_secret: impl Fn(usize) -> bool) {
        for problem in self.problems.iter_mut().filter(|problem| is_secret(problem.span.start)) {
            problem.visibility = Visibility::Hidden;
        }
    }

    /// All of it in the order of the file.
    pub(super) fn into_problems(mut self) -> Vec<Problem> {
        self.problems.sort_by_key(|problem| (problem.span.start, problem.span.end));
        self.problems
    }
}
