//! `ConfigErrors`: everything that is wrong with a file, and where.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

/// Every error of a configuration, at least one, in the order of the file.
///
/// `Display` prints all of them. Each begins with `file:line:column: `, so that editors and CI can link to the place.
#[derive(Clone, Debug)]
pub struct ConfigErrors {
    diagnostics: Vec<Diagnostic>,
    files: Vec<PathBuf>,
}

impl ConfigErrors {
    /// The errors, in the order of the file; at least one.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.diagnostics.iter()
    }

    /// How many errors there are; at least one.
    #[expect(clippy::len_without_is_empty, reason = "never empty")]
    pub fn len(&self) -> usize {
        self.diagnostics.len()
    }

    /// The first error without the line that it quotes, and how many more there are.
    pub(crate) fn brief(&self) -> String {
        let first = self.diagnostics.first().map(|first| Diagnostic { snippet: None, ..first.clone() });
        let first = first.map(|first| first.to_string()).unwrap_or_default();
        match self.len() {
            0 | 1 => first,
            all => format!("{first} (and {} more)", all - 1),
        }
    }

    /// The errors that were found; there must be at least one.
    pub(super) fn of(diagnostics: Vec<Diagnostic>) -> Self {
        debug_assert!(!diagnostics.is_empty(), "refused without a reason");
        Self { diagnostics, files: Vec::new() }
    }

    /// Of a configuration that names these files.
    pub(super) fn naming(self, files: Vec<PathBuf>) -> Self {
        Self { files, ..self }
    }

    /// The other files that the configuration names, as far as it was read. One that is missing may be among them.
    pub(crate) fn files(&self) -> &[PathBuf] {
        &self.files
    }

    pub(super) fn unreadable(file: &str, error: &io::Error) -> Self {
        Self::whole_file(file, format!("can't be read: {error}"), "a readable TOML file")
    }

    pub(super) fn whole_file(file: &str, message: String, expected: &str) -> Self {
        Self::of(vec![Diagnostic {
            file: file.into(),
            position: None,
            severity: Severity::Error,
            message,
            expected: Some(expected.to_owned()),
            snippet: None,
        }])
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, diagnostic) in self.diagnostics.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{diagnostic}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigErrors {}

impl<'a> IntoIterator for &'a ConfigErrors {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// One error or warning about a configuration. It never holds a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The file, by the name that it was opened or parsed with.
    pub file: Arc<str>,
    /// The place in the file; `None` if the problem is with the file as a whole.
    pub position: Option<Position>,
    /// Whether the file is refused because of this.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// What should stand there instead.
    pub expected: Option<String>,
    /// The line, with carets under the place that is wrong.
    pub(super) snippet: Option<String>,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.file)?;
        if let Some(Position { line, column }) = self.position {
            write!(f, "{line}:{column}:")?;
        }
        if self.severity == Severity::Warning {
            write!(f, " warning:")?;
        }
        write!(f, " {}", self.message)?;
        if let Some(expected) = &self.expected {
            write!(f, ", expected {expected}")?;
        }
        if let Some(snippet) = &self.snippet {
            write!(f, "\n{snippet}")?;
        }
        Ok(())
    }
}

/// A place in a file: line and column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line; the first is 1.
    pub line: usize,
    /// The column in characters; the first is 1.
    pub column: usize,
}

/// Whether a [`Diagnostic`] refuses the file or only warns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The file is refused.
    Error,
    /// The file is accepted, but this is probably not what was meant.
    Warning,
}
