//! Reads a secret from the configuration file itself, from the environment, or from a file of its own. No error shows a
//! part of a secret.

use std::fs::File;
use std::io::{self, Read};

use super::context::{Context, reference, without_newline};
use super::report::{Problem, Refusal, Visibility};
use super::section::Section;
use super::values::{self, Value};

/// The most bytes that a secret may have. A longer one is probably a wrong file.
pub(super) const LONGEST: usize = 4096;

/// A kind of secret, read into a `T`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kind<T> {
    /// Its name in errors.
    pub(super) name: &'static str,
    /// The forms that it may have in the file, for errors.
    pub(super) forms: &'static str,
    /// Makes the secret from the text that was found, or says why the text can't be one.
    pub(super) check: fn(&str) -> Result<T, Refusal>,
}

impl<T> Kind<T> {
    /// Reads a value that is the secret itself, or `"${NAME}"`.
    pub(super) fn literal(&self, value: &Value<'_>, context: &Context<'_>) -> Result<T, Problem> {
        let text = values::text(value, self.forms)?;
        if is_shell_reference(text) {
            let expected = format!("\"${{{}}}\", with braces", text.trim_start_matches('$'));
            let message = format!("this would be {} itself, not a variable", self.name);
            return Err(Problem::new(value.span(), message).expecting(expected));
        }
        let subject = reference(text).map_or(self.name.to_owned(), |name| format!("the value of {name}"));
        let expanded = context.expand(text).map_err(|refusal| refusal.at(value.span()))?;
        (self.check)(&expanded).map_err(|refusal| refusal.about(&subject).at(value.span()))
    }

    /// Reads `env = "NAME"`.
    pub(super) fn variable(&self, value: &Value<'_>, context: &Context<'_>) -> Result<T, Problem> {
        let name = values::text(value, "the name of an environment variable")?;
        let about = |refusal: Refusal| refusal.about(&format!("the value of {name}"));
        let secret = context.value_of(name).and_then(|text| (self.check)(&text).map_err(about));
        secret.map_err(|refusal| refusal.at(value.span()))
    }

    /// Reads `file = "PATH"`, which is relative to the configuration's directory.
    pub(super) fn file(&self, value: &Value<'_>, context: &Context<'_>) -> Result<T, Problem> {
        let name = values::text(value, "the path of a file that holds the secret")?;
        let subject = format!("the file {}", values::quoted(name));
        let text = context.open(name).and_then(read).map_err(|error| {
            Refusal::new(format!("can't be read: {error}"), "a file that holds the secret and nothing else")
        });
        let secret = text.and_then(|text| (self.check)(without_newline(&text)));
        secret.map_err(|refusal| refusal.about(&subject).at(value.span()))
    }
}

/// Checks that the table of a secret has exactly one of the keys in `sources`.
pub(super) fn needs_one_of(section: &Section<'_>, sources: &[&str]) -> Result<(), Problem> {
    let given = sources.iter().filter(|source| section.has(source)).count();
    if given == 1 {
        return Ok(());
    }
    let problem = section.problem(format!("has {given} of {}", sources.join(", ")));
    Err(problem.expecting("exactly one of them").shown_as(Visibility::Masked))
}

/// Whether a text has the form `$ADMIN_TOKEN`, without braces. It would be used as the secret itself, which anyone
/// could guess.
fn is_shell_reference(text: &str) -> bool {
    let is_name = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_';
    text.strip_prefix('$').is_some_and(|name| !name.is_empty() && name.bytes().all(is_name))
}

/// Reads a file, but at most one byte more than the longest secret with a newline (`\r\n`) has. That is enough to see
/// that it is too long.
fn read(file: File) -> io::Result<String> {
    let mut text = String::new();
    file.take(LONGEST as u64 + 3).read_to_string(&mut text)?;
    Ok(text)
}
