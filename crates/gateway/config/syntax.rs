//! Reports where the file isn't TOML.

use std::ops::Range;

use super::report::{Problem, Report};
use super::values::quoted;

/// Reports every error of the TOML parser. Returns whether the rest of the file can still be checked: only if all
/// errors are keys that are defined twice.
pub(super) fn note(errors: &[toml::de::Error], text: &str, report: &mut Report) -> bool {
    if errors.is_empty() {
        return true;
    }
    for error in errors {
        let span = error.span().unwrap_or(text.len()..text.len());
        report.error(if is_duplicate(error) { duplicate(text, span) } else { invalid(error, span) });
    }
    errors.iter().all(is_duplicate)
}

/// Hides the line of each problem, even of those that the checks found, if that line may show a secret. Masking isn't
/// enough here: it needs the values that the parser found, and the parser leaves some out, such as the second value of
/// a key.
pub(super) fn hide_secrets(text: &str, report: &mut Report) {
    let secrets = secret_regions(text);
    report.hide(|at| {
        let after = secrets.partition_point(|region| region.end <= at);
        secrets.get(after).is_some_and(|region| region.contains(&at))
    });
}

/// The problem for a key that is defined twice. A key in quotes isn't named: it may be a secret in the wrong place.
fn duplicate(text: &str, span: Range<usize>) -> Problem {
    let key = text.get(span.clone()).unwrap_or_default();
    let message = if is_quoted(key) {
        "this key is defined a second time".to_owned()
    } else {
        format!("the key {} is defined a second time", quoted(key))
    };
    Problem::new(span, message).expecting("each key once")
}

fn is_quoted(key: &str) -> bool {
    key.starts_with(['"', '\''])
}

fn invalid(error: &toml::de::Error, span: Range<usize>) -> Problem {
    const BARE: [&str; 4] = ["invalid boolean", "invalid float", "invalid integer", "invalid datetime"];
    match error.message().split_once(", expected ") {
        Some((found, _)) if BARE.contains(&found) => Problem::new(span, format!("not TOML: {found}"))
            .expecting("a number, true, false, or a text in quotes"),
        Some((found, expected)) => Problem::new(span, format!("not TOML: {found}")).expecting(expected),
        None => Problem::new(span, format!("not TOML: {}", error.message())),
    }
}

fn is_duplicate(error: &toml::de::Error) -> bool {
    error.message() == "duplicate key"
}

/// The ranges of a text that may hold a secret, if the text can't be parsed. Each goes from a line with a word such as
/// "token" to the header of the next known table. A range that is too large costs only the quoted lines.
fn secret_regions(text: &str) -> Vec<Range<usize>> {
    let mut regions: Vec<Range<usize>> = Vec::new();
    let mut inside = false;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let end = start + line.len();
        inside = mentions_secrets(line) || (inside && !is_header(line));
        if inside {
            match regions.last_mut() {
                Some(last) if last.end == start => last.end = end,
                _ => regions.push(start..end),
            }
        }
        start = end;
    }
    // An error at the very end of the file belongs to its last line.
    if let Some(last) = regions.last_mut().filter(|last| last.end == text.len()) {
        last.end += 1;
    }
    regions
}

fn mentions_secrets(line: &str) -> bool {
    let line = line.to_ascii_lowercase();
    ["tok", "secret", "sha256", "admin", "pass", "affinity", "client_key", "-----begin", "@"]
        .iter()
        .any(|word| line.contains(word))
}

fn is_header(line: &str) -> bool {
    let name = line.trim_start().trim_start_matches('[').trim_start_matches(['"', '\'']);
    line.trim_start().starts_with('[')
        && ["timeouts", "limits", "pools", "routes"].iter().any(|known| name.starts_with(known))
}
