//! The JSON Schema has the keys that the reader of the file has, and the defaults of the example.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use toml::Value as Toml;

use super::*;

const EXAMPLE: &str = include_str!("../../../../examples/gateway.toml");

/// One step into a file, from the outside.
#[derive(Clone, Debug)]
enum Step {
    Key(String),
    /// The first item of an array.
    Item,
}

/// A table of the schema, and where one like it stands in a file.
#[derive(Debug)]
struct Table<'s> {
    at: Vec<Step>,
    definition: &'s Json,
    /// Its keys, with those that it has in common with other tables.
    properties: BTreeMap<&'s str, &'s Json>,
}

fn schema() -> Json {
    serde_json::from_str(Config::schema()).unwrap()
}

/// Every table of the schema, once for each place that it may stand at.
fn tables(schema: &Json) -> Vec<Table<'_>> {
    let mut found = Vec::new();
    collect(schema, schema, &mut Vec::new(), &mut found);
    found
}

fn collect<'s>(schema: &'s Json, node: &'s Json, at: &mut Vec<Step>, found: &mut Vec<Table<'s>>) {
    if let Some(reference) = node["$ref"].as_str() {
        collect(schema, schema.pointer(&reference[1..]).unwrap(), at, found);
    }
    for choice in node["anyOf"].as_array().into_iter().flatten() {
        collect(schema, choice, at, found);
    }
    if node["items"].is_object() {
        within(Step::Item, schema, &node["items"], at, found);
    }
    if node["additionalProperties"].is_object() {
        within(Step::Key(free_name(at)), schema, &node["additionalProperties"], at, found);
    }
    if node["properties"].is_object() {
        let properties = properties(schema, node);
        for (key, value) in &properties {
            within(Step::Key((*key).to_owned()), schema, value, at, found);
        }
        found.push(Table { at: at.clone(), definition: node, properties });
    }
}

fn properties<'s>(schema: &'s Json, node: &'s Json) -> BTreeMap<&'s str, &'s Json> {
    let own = node["properties"].as_object().into_iter().flatten().map(|(key, value)| (key.as_str(), value));
    let common = node["allOf"].as_array().into_iter().flatten();
    let common = common.map(|common| schema.pointer(&common["$ref"].as_str().unwrap()[1..]).unwrap());
    own.chain(common.flat_map(|common| properties(schema, common))).collect()
}

fn within<'s>(step: Step, schema: &'s Json, node: &'s Json, at: &mut Vec<Step>, found: &mut Vec<Table<'s>>) {
    at.push(step);
    collect(schema, node, at, found);
    at.pop();
}

/// A name where any may stand: that of a pool or a route.
fn free_name(at: &[Step]) -> String {
    match at.last() {
        Some(Step::Key(key)) if key == "routes" => "/a".to_owned(),
        _ => "a".to_owned(),
    }
}

/// A file that has nothing but a key that nobody knows, in the table at `at`.
fn with_an_unknown_key(at: &[Step]) -> String {
    with(at, "zz-unknown", Toml::from(1))
}

/// A file that has nothing but this key, in the table at `at`.
fn with(at: &[Step], key: &str, value: Toml) -> String {
    let innermost = toml::Table::from_iter([(key.to_owned(), value)]);
    let file = at.iter().rev().fold(Toml::Table(innermost), |value, step| match step {
        Step::Key(key) => Toml::Table([(key.clone(), value)].into_iter().collect()),
        Step::Item => Toml::Array(vec![value]),
    });
    toml::to_string(&file).unwrap()
}

/// The keys that the reader knows in that table: it says so when it finds another one.
fn keys_of_the_reader(at: &[Step]) -> BTreeSet<String> {
    let text = with_an_unknown_key(at);
    let errors = parse(&text).unwrap_err();
    let unknown = errors.iter().find(|error| error.message.starts_with("unknown key"));
    let unknown = unknown.unwrap_or_else(|| panic!("{text} has no unknown key: {errors}"));
    let known = unknown.expected.as_deref().unwrap().strip_prefix("one of ").unwrap();
    known.split(", ").map(str::to_owned).collect()
}

#[test]
fn each_table_has_the_keys_that_the_reader_knows() {
    let schema = schema();
    let tables = tables(&schema);
    assert!(tables.len() >= 20, "{}", tables.len());
    for Table { at, definition, properties } in tables {
        let stated = properties.keys().map(|key| (*key).to_owned()).collect();
        assert_eq!(keys_of_the_reader(&at), stated, "at {at:?}");
        let others = definition.get("allOf").map_or("additionalProperties", |_| "unevaluatedProperties");
        assert_eq!(definition[others], false, "at {at:?}");
    }
}

#[test]
fn each_required_key_is_missed_by_the_reader() {
    let schema = schema();
    for Table { at, definition, .. } in tables(&schema) {
        for key in definition["required"].as_array().into_iter().flatten().map(|key| key.as_str().unwrap()) {
            let errors = parse(with_an_unknown_key(&at)).unwrap_err().to_string();
            let is_missed = [format!("has no {key}"), format!("there are no {key}")];
            assert!(is_missed.iter().any(|missed| errors.contains(missed)), "{key} at {at:?}: {errors}");
        }
    }
}

/// A time of no day is no value of any key.
#[test]
fn each_key_says_where_its_value_is_wrong() {
    const TIME: &str = "07:32:00";
    let (schema, mut tried) = (schema(), 0);
    for Table { at, properties, .. } in tables(&schema) {
        for key in properties.into_keys() {
            let text = with(&at, key, Toml::Datetime(TIME.parse().unwrap()));
            let (before, _) = text.split_once(TIME).unwrap();
            let line = before.matches('\n').count() + 1;
            let column = before.len() - before.rfind('\n').map_or(0, |end| end + 1) + 1;
            let errors = parse(&text).unwrap_err();
            let says_so = |error: &&Diagnostic| {
                let place = error.position.as_ref().map(|position| (position.line, position.column));
                place == Some((line, column)) && error.message.contains(key) && error.expected.is_some()
            };
            assert!(errors.iter().any(|error| says_so(&error)), "{key} at {at:?}: {errors}");
            tried += 1;
        }
    }
    assert!(tried > 150, "{tried}");
}

/// That the example has the defaults of the code is a test of its own.
#[test]
fn each_default_is_the_one_of_the_example() {
    let (schema, example) = (schema(), uncommented(EXAMPLE));
    let mut compared = 0;
    for Table { at, properties, .. } in tables(&schema) {
        for (key, value) in properties {
            let (Some(default), Some(set)) = (value.get("default"), look_up(&example, &at, key)) else {
                continue;
            };
            // What is off by default is shown with a value that turns it on.
            if default != "off" || set.as_str() == Some("off") {
                assert_eq!(&serde_json::to_value(set).unwrap(), default, "{key} at {at:?}");
            }
            compared += 1;
        }
    }
    assert!(compared > 50, "{compared}");
}

/// The example with the settings that are off by default, each in a line of its own that begins with `#`.
fn uncommented(example: &str) -> Toml {
    let is_setting = |line: &str| line.starts_with("#[") || line.starts_with('#') && line.contains(" = ");
    let lines = example.lines().map(|line| match line.strip_prefix('#') {
        Some(setting) if is_setting(line) && !setting.starts_with(' ') => setting,
        _ => line,
    });
    toml::from_str(&lines.collect::<Vec<_>>().join("\n")).unwrap()
}

/// The value of a key in the first item, pool or route that has it.
fn look_up<'f>(here: &'f Toml, at: &[Step], key: &str) -> Option<&'f Toml> {
    let Some((step, rest)) = at.split_first() else { return here.get(key) };
    match step {
        Step::Item => here.as_array()?.iter().find_map(|item| look_up(item, rest, key)),
        Step::Key(name) if name == "a" || name == "/a" => {
            here.as_table()?.values().find_map(|named| look_up(named, rest, key))
        }
        Step::Key(name) => look_up(here.get(name)?, rest, key),
    }
}
