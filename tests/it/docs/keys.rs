//! Each key of a route is explained by a page, set by a test, and shown by an example.

use std::collections::{BTreeMap, BTreeSet};

use gateway::config::Config;
use serde_json::Value;

use super::tree::Tree;

/// The definitions of the schema that routes are made of.
const ROUTES: [&str; 3] = ["route", "shortRoute", "fullRoute"];

/// Those that pools and the operator's listener have as well: `examples/gateway.toml` shows their keys.
const SHOWN_ELSEWHERE: [&str; 2] = ["upstreamTls", "adminToken"];

const EXAMPLE: &str = include_str!("../../../examples/routes.toml");
const EXAMPLE_OF_ALL: &str = include_str!("../../../examples/gateway.toml");

/// A key, as a place in the file has it.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    name: String,
    /// The definition of the schema that has it.
    definition: String,
}

/// The keys of routes and of the tables in them, and the keys whose values such tables are.
#[derive(Default)]
struct Keys {
    all: BTreeSet<Key>,
    /// By the definition of the table.
    above: BTreeMap<String, BTreeSet<String>>,
}

impl Keys {
    fn of_routes() -> Self {
        let schema: Value = serde_json::from_str(Config::schema()).unwrap();
        let (mut keys, mut seen) = (Self::default(), BTreeSet::new());
        let mut definitions = ROUTES.map(str::to_owned).to_vec();
        while let Some(name) = definitions.pop() {
            if seen.insert(name.clone()) {
                keys.collect(&schema["$defs"][&name], &name, None, &mut definitions);
            }
        }
        keys
    }

    /// `above` is the key whose value this is, if that is known.
    fn collect(
        &mut self,
        node: &Value,
        definition: &str,
        above: Option<&str>,
        definitions: &mut Vec<String>,
    ) {
        if let Some(of) = node["$ref"].as_str().and_then(|path| path.strip_prefix("#/$defs/")) {
            self.above.entry(of.to_owned()).or_default().extend(above.map(str::to_owned));
            definitions.push(of.to_owned());
        }
        for (name, value) in node["properties"].as_object().into_iter().flatten() {
            self.all.insert(Key { name: name.clone(), definition: definition.to_owned() });
            self.collect(value, definition, Some(name), definitions);
        }
        let below = node.as_object().into_iter().flatten().filter(|(name, _)| *name != "properties");
        let below = below.map(|(_, child)| child);
        for child in below.chain(node.as_array().into_iter().flatten()) {
            self.collect(child, definition, above, definitions);
        }
    }

    /// Whether a text sets the key, and names the table that it stands in.
    fn are_set_in(&self, text: &str, key: &Key) -> bool {
        let above = self.above.get(&key.definition);
        let is_named =
            |above: &BTreeSet<String>| above.is_empty() || above.iter().any(|it| text.contains(it));
        is_set(text, &key.name) && above.is_none_or(is_named)
    }
}

fn is_set(text: &str, key: &str) -> bool {
    [" = ", "="].iter().any(|sign| text.contains(&format!("{key}{sign}")))
}

#[test]
fn each_key_of_a_route_is_explained_tested_and_shown() {
    let tree = Tree::of_the_repository();
    let pages: String = texts(&tree, |path| path.starts_with("docs/behaviour/")).collect();
    let tests: Vec<&str> = texts(&tree, |path| {
        path.ends_with(".rs") && path.contains("test") && !path.starts_with("tests/it/docs/")
    })
    .collect();
    let (keys, mut missing) = (Keys::of_routes(), Vec::new());
    assert!(keys.all.len() > 150, "{}", keys.all.len());
    for key in &keys.all {
        let Key { name, definition } = key;
        let is_named =
            |text: &str| text.contains(&format!("`{name}`")) || text.contains(&format!("`{name} "));
        let example = if SHOWN_ELSEWHERE.contains(&&**definition) { EXAMPLE_OF_ALL } else { EXAMPLE };
        let is_shown = |text: &str| is_set(text, name) || text.contains(&format!(".{name}]"));
        for (place, is_there) in [
            ("docs/behaviour/", is_named(&pages) || is_set(&pages, name)),
            ("a test", tests.iter().any(|test| keys.are_set_in(test, key))),
            ("an example", is_shown(example)),
        ] {
            if !is_there {
                missing.push(format!("{name} of {definition} in {place}"));
            }
        }
    }
    assert!(missing.is_empty(), "\n{}\n", missing.join("\n"));
}

/// The texts whose paths are meant.
fn texts<'t>(tree: &'t Tree, is_meant: impl Fn(&str) -> bool + 't) -> impl Iterator<Item = &'t str> {
    tree.texts().filter(move |document| is_meant(document.path)).map(|document| document.text)
}
