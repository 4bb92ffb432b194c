//! The JSON Schema of the file, and which of its tables have a key.

use std::sync::LazyLock;

use serde_json::Value;

pub(super) const SCHEMA: &str = include_str!("schema.json");

/// If more tables have a key, to name them all says nothing.
const MOST: usize = 3;

static READ: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(SCHEMA).expect("the embedded schema is checked by a test"));

/// The tables that have a key of this name, in a few words. Empty if there are many.
pub(super) fn tables_with(key: &str) -> Vec<String> {
    let has_it = |table: &Value| table.get("properties").is_some_and(|keys| keys.get(key).is_some());
    let inner = READ.get("$defs").and_then(Value::as_object).into_iter().flatten();
    let inner = inner.filter(|(_, table)| has_it(table)).map(|(name, table)| words(name, table));
    let top = has_it(&READ).then(|| "the top of the file".to_owned());
    let mut tables: Vec<String> = top.into_iter().chain(inner).collect();
    tables.sort_by_key(String::len);
    if tables.len() > MOST { Vec::new() } else { tables }
}

fn words(name: &str, table: &Value) -> String {
    let title = table.get("title").and_then(Value::as_str).unwrap_or(name);
    match (name, title.strip_prefix("A ")) {
        ("route", _) => "a route".to_owned(),
        (_, Some(rest)) => format!("a {rest}"),
        _ => title.to_owned(),
    }
}

/// Whether any table has it.
#[cfg(test)]
pub(super) fn tables_with_any(key: &str) -> bool {
    let tables = READ.get("$defs").and_then(Value::as_object).into_iter().flatten().map(|(_, table)| table);
    tables.chain([&*READ]).any(|table| table.get("properties").is_some_and(|keys| keys.get(key).is_some()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_its_tables_unless_there_are_many() {
        for (key, tables) in [
            ("strip_prefix", &["a route"][..]),
            ("pools", &["the top of the file"]),
            ("proxy_protocol", &["a listener in listen"]),
            ("max_body", &["a route", "mirror of a route"]),
            ("timeout", &[]),
            ("nothing", &[]),
        ] {
            assert_eq!(tables_with(key), tables, "{key}");
        }
    }
}
