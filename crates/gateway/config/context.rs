//! What a configuration may use from outside its file: environment variables and secret files.

use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::report::Refusal;

/// Environment variables and the directory of the file. They are passed in, so that tests need not change those of the
/// process.
pub(super) struct Context<'a> {
    /// The value of an environment variable; `None` if it isn't set or isn't UTF-8.
    variable: &'a dyn Fn(&str) -> Option<String>,
    /// The directory that relative paths in the file start from.
    directory: &'a Path,
    /// The files that were opened, each once.
    opened: RefCell<Vec<PathBuf>>,
}

impl fmt::Debug for Context<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context").field("directory", &self.directory).finish_non_exhaustive()
    }
}

impl<'a> Context<'a> {
    pub(super) fn new(variable: &'a dyn Fn(&str) -> Option<String>, directory: &'a Path) -> Self {
        Self { variable, directory, opened: RefCell::default() }
    }

    /// Opens a file that the configuration names. One that isn't there is noted as well: it may come.
    pub(super) fn open(&self, name: &str) -> io::Result<File> {
        File::open(self.path(name))
    }

    /// The path of a file that the configuration names, and that is going to be opened.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        let path = self.path_of(name);
        let mut noted = self.opened.borrow_mut();
        if !noted.contains(&path) {
            noted.push(path.clone());
        }
        path
    }

    /// Where a file is that the configuration names.
    pub(super) fn path_of(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// The files that were opened so far.
    pub(super) fn opened(&self) -> Vec<PathBuf> {
        self.opened.borrow().clone()
    }
}

impl Context<'_> {
    /// `text` itself, or the value of the variable if the whole of `text` is `${NAME}`.
    pub(super) fn expand<'t>(&self, text: &'t str) -> Result<Cow<'t, str>, Refusal> {
        match reference(text) {
            Some(name) => self.value_of(name).map(Cow::Owned),
            None if text.contains("${") => {
                Err(Refusal::new("a variable can't be a part of a value", "\"${NAME}\" and nothing else"))
            }
            None => Ok(Cow::Borrowed(text)),
        }
    }

    /// `text` with every `${NAME}` in it replaced by the value of that variable.
    pub(super) fn expand_parts<'t>(&self, text: &'t str) -> Result<Expanded<'t>, Refusal> {
        let mut expanded = Expanded { text: Cow::Borrowed(text), variables: Vec::new() };
        let mut rest = text;
        while let Some((before, reference)) = rest.split_once("${") {
            let (name, after) = reference.split_once('}').ok_or_else(|| {
                Refusal::new("a variable that isn't closed", "${NAME}, or nothing that begins with ${")
            })?;
            let value = self.value_of(name)?;
            if expanded.variables.is_empty() {
                expanded.text = Cow::Owned(String::new());
            }
            expanded.variables.push(name);
            let text = expanded.text.to_mut();
            text.push_str(before);
            text.push_str(&value);
            rest = after;
        }
        if !expanded.variables.is_empty() {
            expanded.text.to_mut().push_str(rest);
        }
        Ok(expanded)
    }

    /// The value of a variable, without a newline at its end: mounted secrets often have one.
    pub(super) fn value_of(&self, name: &str) -> Result<String, Refusal> {
        const EXPECTED: &str = "one that is set and not empty";
        if !is_variable_name(name) {
            let why = "that can't be the name of an environment variable";
            return Err(Refusal::new(why, "ASCII letters, digits and _"));
        }
        let refuse = |why: &str| Refusal::new(format!("the environment variable {name} {why}"), EXPECTED);
        let value = (self.variable)(name).ok_or_else(|| refuse("is not set"))?;
        match without_newline(&value) {
            "" => Err(refuse("is empty")),
            value => Ok(value.to_owned()),
        }
    }
}

/// A text, and the variables whose values are in it.
pub(super) struct Expanded<'t> {
    pub(super) text: Cow<'t, str>,
    pub(super) variables: Vec<&'t str>,
}

/// The name in `${NAME}`.
pub(super) fn reference(text: &str) -> Option<&str> {
    text.strip_prefix("${")?.strip_suffix('}')
}

pub(super) fn without_newline(text: &str) -> &str {
    let text = text.strip_suffix('\n').unwrap_or(text);
    text.strip_suffix('\r').unwrap_or(text)
}

fn is_variable_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 256
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}
