//! From bytes to a [`Config`] or all of its errors, in four steps: UTF-8, TOML, the checks, lines and columns.

use toml::de::DeTable;

use super::check::check;
use super::context::Context;
use super::error::{ConfigErrors, Diagnostic, Position, Severity};
use super::masked::masked;
use super::model::Config;
use super::origin::{Digest, Origin};
use super::report::{Problem, Report, Visibility};
use super::source::Source;
use super::syntax;

/// The largest file that is read: 1 MiB.
pub const MAX_FILE_SIZE: usize = 1 << 20;

/// How many problems are shown. The others are only counted: nobody reads that many, and finding the line of each takes
/// time.
const MOST_REPORTED: usize = 1000;

pub(super) fn parse(file: &str, bytes: &[u8], context: &Context<'_>) -> Result<Config, ConfigErrors> {
    if bytes.len() > MAX_FILE_SIZE {
        let message = format!("larger than {MAX_FILE_SIZE} bytes");
        return Err(ConfigErrors::whole_file(file, message, "a configuration of at most 1 MiB"));
    }
    let text = utf8(file, bytes)?;

    let (table, toml_errors) = DeTable::parse_recoverable(text);
    let source = Source::new(file, text).masking(table.get_ref());
    let places = places(table.get_ref(), &source);
    let mut report = Report::default();
    if !syntax::note(&toml_errors, text, &mut report) {
        syntax::hide_secrets(text, &mut report);
        return Err(ConfigErrors::of(diagnose(&source, report).0));
    }
    let config = check(table, context, &mut report);
    if !toml_errors.is_empty() {
        syntax::hide_secrets(text, &mut report);
    }
    let (errors, warnings) = diagnose(&source, report);
    if !errors.is_empty() {
        return Err(ConfigErrors::of(errors).naming(context.opened()));
    }
    let (digest, files, masked) = (Digest::of(bytes), context.opened(), masked(text).into());
    let origin = Origin { file: file.into(), digest, files, masked, places };
    Ok(Config { warnings, origin: Some(origin), ..config })
}

/// Where each key of the first level stands.
fn places(table: &DeTable<'_>, source: &Source<'_>) -> Vec<(String, Position)> {
    table.keys().map(|key| (key.get_ref().to_string(), source.position(key.span().start))).collect()
}

fn utf8<'a>(file: &str, bytes: &'a [u8]) -> Result<&'a str, ConfigErrors> {
    std::str::from_utf8(bytes).map_err(|error| {
        let end = error.valid_up_to();
        let valid = bytes.get(..end).and_then(|valid| std::str::from_utf8(valid).ok()).unwrap_or_default();
        let found = bytes.get(end).copied().unwrap_or_default();
        let problem = Problem::new(end..end, format!("the byte 0x{found:02x} is not UTF-8"))
            .expecting("a TOML file, which is UTF-8 text")
            .shown_as(Visibility::Hidden);
        ConfigErrors::of(vec![Source::new(file, valid).diagnose(problem)])
    })
}

/// Errors and warnings, each in the order of the file.
fn diagnose(source: &Source<'_>, report: Report) -> (Vec<Diagnostic>, Vec<Diagnostic>) {
    let (errors, warnings): (Vec<_>, Vec<_>) =
        report.into_problems().into_iter().partition(|problem| problem.severity == Severity::Error);
    (locate(source, errors), locate(source, warnings))
}

fn locate(source: &Source<'_>, mut problems: Vec<Problem>) -> Vec<Diagnostic> {
    let unreported = problems.len().saturating_sub(MOST_REPORTED);
    if unreported > 0 {
        problems.truncate(MOST_REPORTED);
        if let Some(last) = problems.last_mut() {
            last.message.push_str(&format!(" (and {unreported} more like these)"));
        }
    }
    problems.into_iter().map(|problem| source.diagnose(problem)).collect()
}
