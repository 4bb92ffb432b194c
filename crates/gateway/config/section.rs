//! Reads one table of the file: keys are taken out by name, and a key that is left over in the end is unknown.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::report::{Problem, Report, Visibility};
use super::suggest;
use super::values::{Value, list, quoted, wrong_type};

/// Keys whose values are secrets wherever they stand.
pub(super) const SECRETS: [&str; 4] = ["admin_tokens", "secret", "sha256", "token"];

#[derive(Debug)]
pub(super) struct Section<'i> {
    path: String,
    span: Range<usize>,
    entries: DeTable<'i>,
    asked_for: Vec<&'static str>,
    visibility: Visibility,
}

impl<'i> Section<'i> {
    /// The table of the whole file.
    pub(super) fn root(table: Spanned<DeTable<'i>>) -> Self {
        let span = table.span();
        Self::of(String::new(), span, table.into_inner())
    }

    /// Reads `value` as a table. `path` is its path for errors.
    ///
    /// # Errors
    ///
    /// If `value` isn't a table: a problem that says that `expected` was expected.
    pub(super) fn open(path: String, value: Value<'i>, expected: &str) -> Result<Self, Problem> {
        let span = value.span();
        match value.into_inner() {
            DeValue::Table(entries) => Ok(Self::of(path, span, entries)),
            other => Err(wrong_type(&Spanned::new(span, other), expected).about(&path)),
        }
    }

    fn of(path: String, span: Range<usize>, entries: DeTable<'i>) -> Self {
        Self { path, span, entries, asked_for: Vec::new(), visibility: Visibility::Value }
    }

    /// Masks every value of this section in errors.
    pub(super) fn masked(self) -> Self {
        Self { visibility: Visibility::Masked, ..self }
    }

    /// Its place in the file.
    pub(super) fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// A problem with the section as a whole.
    pub(super) fn problem(&self, what: impl Into<String>) -> Problem {
        let problem = Problem::new(self.span.clone(), what);
        if self.path.is_empty() { problem.shown_as(Visibility::Hidden) } else { problem.about(&self.path) }
    }

    pub(super) fn path_to(&self, key: &str) -> String {
        let is_bare = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        let key = if key.bytes().all(is_bare) && !key.is_empty() { key.to_owned() } else { quoted(key) };
        if self.path.is_empty() { key } else { format!("{}.{key}", self.path) }
    }

    /// Takes the value of `key` out of the section, unchecked.
    pub(super) fn take(&mut self, key: &'static str) -> Option<Value<'i>> {
        self.asked_for.push(key);
        self.entries.remove(key)
    }

    /// Takes a key out that isn't allowed here, so that the caller can report why instead of "unknown key".
    pub(super) fn take_misplaced(&mut self, key: &str) -> Option<Spanned<DeString<'i>>> {
        self.entries.remove_entry(key).map(|(key, _)| key)
    }

    /// Takes out all entries whose names are meant, for tables in which names may be any.
    pub(super) fn take_named(
        &mut self,
        is_meant: impl Fn(&str) -> bool,
    ) -> Vec<(Spanned<DeString<'i>>, Value<'i>)> {
        let entries = std::mem::take(&mut self.entries).into_iter();
        let (meant, rest): (Vec<_>, Vec<_>) = entries.partition(|(name, _)| is_meant(name.get_ref()));
        self.entries = rest.into_iter().collect();
        meant
    }

    /// Reads the value of `key` with `parse`. `None` if the key is missing, or if `parse` refuses the value; then the
    /// problem is reported.
    pub(super) fn read<T>(
        &mut self,
        key: &'static str,
        report: &mut Report,
        parse: impl FnOnce(&Value<'i>) -> Result<T, Problem>,
    ) -> Option<T> {
        let value = self.take(key)?;
        let result = parse(&value);
        report.keep(result.map_err(|problem| problem.about(&self.path_to(key)).shown_as(self.visibility)))
    }

    /// Takes all keys out, for a section whose keys may be any names.
    pub(super) fn take_all(&mut self) -> Vec<(Spanned<DeString<'i>>, Value<'i>)> {
        std::mem::take(&mut self.entries).into_iter().collect()
    }

    /// Reads the table at `key`.
    pub(super) fn section(
        &mut self,
        key: &'static str,
        report: &mut Report,
        expected: &str,
    ) -> Option<Section<'i>> {
        let value = self.take(key)?;
        report.keep(Section::open(self.path_to(key), value, expected))
    }

    /// Reads the array at `key`.
    pub(super) fn list(
        &mut self,
        key: &'static str,
        report: &mut Report,
        expected: &str,
    ) -> Option<Spanned<Vec<Value<'i>>>> {
        let value = self.take(key)?;
        report.keep(list(value, expected).map_err(|problem| problem.about(&self.path_to(key))))
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    /// Reads the tables inside the table at `key`. Their names may be any.
    pub(super) fn named_sections(
        &mut self,
        key: &'static str,
        expected: &str,
        expected_within: &str,
        report: &mut Report,
    ) -> Vec<(Spanned<DeString<'i>>, Section<'i>)> {
        let Some(mut outer) = self.section(key, report, expected) else { return Vec::new() };
        let entries = std::mem::take(&mut outer.entries);
        let sections = entries.into_iter().filter_map(|(name, value)| {
            let section = Section::open(outer.path_to(name.get_ref()), value, expected_within);
            // A slip in a header, such as `[pools]` for `[pools.a.affinity]`, makes keys of a table names of tables.
            let is_secret = SECRETS.contains(&&**name.get_ref());
            let visibility = if is_secret { Visibility::Masked } else { outer.visibility };
            let section = section.map_err(|problem| problem.shown_as(visibility));
            Some((name, report.keep(section)?))
        });
        sections.collect()
    }

    /// Takes the values inside the table at `key`, each with its path for errors and its name. Their names may be any.
    pub(super) fn named_values(
        &mut self,
        key: &'static str,
        expected: &str,
        report: &mut Report,
    ) -> Vec<(String, Spanned<DeString<'i>>, Value<'i>)> {
        let Some(mut inner) = self.section(key, report, expected) else { return Vec::new() };
        let entries = std::mem::take(&mut inner.entries).into_iter();
        entries.map(|(name, value)| (inner.path_to(name.get_ref()), name, value)).collect()
    }

    /// Reports every key that was not read, as unknown.
    pub(super) fn finish(self, report: &mut Report) {
        let known = self.asked_for.join(", ");
        for key in self.entries.keys() {
            let place = if self.path.is_empty() { String::new() } else { format!(" in {}", self.path) };
            let suggestion = suggest::key(key.get_ref(), &self.asked_for);
            let expected = match suggestion.clone().or_else(|| suggest::elsewhere(key.get_ref())) {
                Some(hint) => format!("one of {known} ({hint})"),
                None => format!("one of {known}"),
            };
            // In a section of secrets, an unknown key may itself be a secret in the wrong place, unless it resembles a
            // known key.
            let visibility = if suggestion.is_some() { Visibility::Value } else { self.visibility };
            let name = match visibility {
                Visibility::Value => format!(" {}", quoted(key.get_ref())),
                _ => String::new(),
            };
            let problem = Problem::new(key.span(), format!("unknown key{name}{place}"));
            report.error(problem.expecting(expected).shown_as(visibility));
        }
    }
}
