//! The text of the file: finds the line and column of a byte, and quotes a line without showing secrets.

use std::ops::Range;
use std::sync::Arc;

use toml::de::{DeTable, DeValue};

use super::error::{Diagnostic, Position};
use super::report::{Problem, Visibility};
use super::secret::looks_secret;

/// How many bytes of a long line are shown before the wrong place.
const CONTEXT: usize = 80;
/// How many characters of the wrong place are shown.
const WIDEST: usize = 80;

#[derive(Debug)]
pub(super) struct Source<'a> {
    file: Arc<str>,
    text: &'a str,
    line_starts: Vec<usize>,
    /// The ranges of all values that aren't tables or arrays, and of keys that may be secrets, in the order of the
    /// file.
    values: Vec<Range<usize>>,
}

impl<'a> Source<'a> {
    pub(super) fn new(file: &str, text: &'a str) -> Self {
        let after_newlines = text.match_indices('\n').map(|(at, _)| at + 1);
        let line_starts = std::iter::once(0).chain(after_newlines).collect();
        Self { file: file.into(), text, line_starts, values: Vec::new() }
    }

    /// Masks the values of `document` in every snippet, except the value that is wrong.
    pub(super) fn masking(mut self, document: &DeTable<'_>) -> Self {
        collect_table(document, &mut self.values);
        self.values.sort_by_key(|value| value.start);
        self
    }

    pub(super) fn diagnose(&self, problem: Problem) -> Diagnostic {
        let line = self.line_at(problem.span.start);
        Diagnostic {
            file: Arc::clone(&self.file),
            position: Some(self.position(problem.span.start)),
            severity: problem.severity,
            snippet: self.snippet(&line, &problem),
            message: printable(&self.message(&problem)),
            expected: problem.expected,
        }
    }

    fn message(&self, problem: &Problem) -> String {
        match &problem.beside {
            None => problem.message.clone(),
            Some(beside) => {
                let Position { line, column } = self.position(beside.start);
                format!("{} (the other one is at {}:{line}:{column})", problem.message, self.file)
            }
        }
    }

    /// The place of a byte.
    pub(super) fn position(&self, offset: usize) -> Position {
        let line = self.line_at(offset);
        let start = self.on_line(offset, &line);
        let column = self.slice(line.start..start).trim_start_matches('\u{feff}').chars().count() + 1;
        Position { line: line.number, column }
    }

    fn line_at(&self, offset: usize) -> Line {
        let number = self.line_starts.partition_point(|start| *start <= offset).max(1);
        let start = self.line_starts.get(number - 1).copied().unwrap_or_default();
        let next = self.line_starts.get(number).copied().unwrap_or(self.text.len());
        let end = start + self.slice(start..next).trim_end_matches(['\n', '\r']).len();
        Line { number, start, end }
    }

    fn on_line(&self, offset: usize, line: &Line) -> usize {
        self.text.floor_char_boundary(offset.clamp(line.start, line.end))
    }

    fn slice(&self, range: Range<usize>) -> &'a str {
        self.text.get(range).unwrap_or_default()
    }

    /// The line up to the wrong place, with carets under that place. `None` if nothing may be shown.
    fn snippet(&self, line: &Line, problem: &Problem) -> Option<String> {
        let start = self.on_line(problem.span.start, line);
        let end = self.on_line(problem.span.end, line).max(start);
        let from = self.text.floor_char_boundary(start.saturating_sub(CONTEXT).max(line.start));

        let shown = problem.value.as_ref().unwrap_or(&problem.span);
        let before = printable(&self.masked(from..start, shown));
        let visibility = if looks_secret(self.slice(problem.span.clone())) {
            problem.visibility.max(Visibility::Masked)
        } else {
            problem.visibility
        };
        let meant = match visibility {
            Visibility::Hidden => return None,
            Visibility::Masked => "…".to_owned(),
            Visibility::Value => printable(&self.masked(start..end, shown)),
        };
        let meant: String = meant.chars().take(WIDEST).collect();
        let cut = if from > line.start { "…" } else { "" };
        let ends_here = self.slice(end..line.end).trim().is_empty();
        let rest = if ends_here || visibility == Visibility::Masked { "" } else { " …" };

        let number = line.number;
        let gutter = " ".repeat(number.to_string().len());
        let indent = " ".repeat(cut.chars().count() + before.chars().count());
        let carets = "^".repeat(meant.chars().count().max(1));
        Some(format!("{gutter} |\n{number} | {cut}{before}{meant}{rest}\n{gutter} | {indent}{carets}"))
    }

    /// The text of `range`, with `…` for each value in it other than `shown`.
    fn masked(&self, range: Range<usize>, shown: &Range<usize>) -> String {
        let first = self.values.partition_point(|value| value.end <= range.start);
        let values = self.values.iter().skip(first).take_while(|value| value.start < range.end);
        let mut masked = String::new();
        let mut at = range.start;
        for value in values.filter(|value| *value != shown) {
            masked.push_str(self.slice(at..value.start.max(at)));
            masked.push('…');
            at = value.end.min(range.end);
        }
        masked.push_str(self.slice(at..range.end));
        masked
    }
}

#[derive(Debug)]
struct Line {
    number: usize,
    start: usize,
    end: usize,
}

/// The text without control characters: an escape sequence in the file must not reach the terminal.
fn printable(text: &str) -> String {
    let text = text.trim_start_matches('\u{feff}');
    text.chars()
        .map(|c| match c {
            '\t' => ' ',
            c if c.is_control() => char::REPLACEMENT_CHARACTER,
            c => c,
        })
        .collect()
}

fn collect_table(table: &DeTable<'_>, values: &mut Vec<Range<usize>>) {
    for (key, value) in table {
        if !value.get_ref().is_table() && !is_plain(key.get_ref()) {
            values.push(key.span());
        }
        collect(value, values);
    }
}

/// Whether a key looks like one of ours or like a route's prefix. Any other key may be a secret in the wrong place.
fn is_plain(key: &str) -> bool {
    key.starts_with('/') || key == "sha256" || key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
}

fn collect(value: &toml::Spanned<DeValue<'_>>, values: &mut Vec<Range<usize>>) {
    match value.get_ref() {
        DeValue::Table(table) => collect_table(table, values),
        DeValue::Array(items) => items.iter().for_each(|item| collect(item, values)),
        _ => values.push(value.span()),
    }
}
