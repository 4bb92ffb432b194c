//! The text of a configuration for those who may know all but its secrets.

use toml::{Table, Value};

use super::secret::{is_secret_field, looks_secret};
use super::section::SECRETS;

/// What stands in place of a secret.
const MASK: &str = "…";

/// The text as TOML without comments, whose keys are in order. In place of each secret stands a mask: of all that is
/// inside `admin_tokens`, a `secret` or the like, of the headers for a collector of traces, of fields such as
/// `Authorization` that a route sets, and of texts that look like a secret wherever they stand. Empty if the text isn't
/// TOML.
pub(super) fn masked(text: &str) -> String {
    let Ok(mut table) = text.parse::<Table>() else { return String::new() };
    mask_table(&mut table);
    hide_headers(&mut table);
    toml::to_string(&table).unwrap_or_default()
}

fn mask_table(table: &mut Table) {
    for (key, value) in table.iter_mut() {
        if SECRETS.contains(&key.as_str()) {
            hide(value)
        } else {
            mask(value)
        }
        if matches!(key.as_str(), "request_headers" | "response_headers") {
            hide_fields(value);
        }
    }
}

/// A route may set a field that an upstream knows it by.
fn hide_fields(changes: &mut Value) {
    for change in ["set", "add"] {
        let fields = changes.get_mut(change).and_then(Value::as_table_mut);
        for (name, value) in fields.into_iter().flat_map(Table::iter_mut) {
            if is_secret_field(name) {
                hide(value);
            }
        }
    }
}

/// A collector of traces is often shown a key in a header.
fn hide_headers(table: &mut Table) {
    let headers = table.get_mut("traces").and_then(|traces| traces.get_mut("headers"));
    match headers {
        Some(Value::Table(headers)) => headers.iter_mut().for_each(|(_, value)| hide(value)),
        Some(malformed) => hide(malformed),
        None => {}
    }
}

fn mask(value: &mut Value) {
    match value {
        Value::Table(table) => mask_table(table),
        Value::Array(items) => items.iter_mut().for_each(mask),
        Value::String(text) if looks_secret(text) => hide(value),
        _ => {}
    }
}

/// Masks the value, or each item of a list of values.
fn hide(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(hide),
        _ => *value = MASK.into(),
    }
}

#[cfg(test)]
mod tests;
