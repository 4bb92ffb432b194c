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

/// The keys of routes and of the tables in them, each with the definition that has it.
fn keys() -> BTreeMap<String, String> {
    let schema: Value = serde_json::from_str(Config::schema()).unwrap();
    let (mut keys, mut seen) = (BTreeMap::new(), BTreeSet::new());
    let mut definitions = ROUTES.map(str::to_owned).to_vec();
    while let Some(name) = definitions.pop() {
        if seen.insert(name.clone()) {
            collect(&schema["$defs"][&name], &name, &mut keys, &mut definitions);
        }
    }
    keys
}

fn collect(
    node: &Value,
    definition: &str,
    keys: &mut BTreeMap<String, String>,
    definitions: &mut Vec<String>,
) {
    let properties = node["properties"].as_object().into_iter().flatten();
    keys.extend(properties.map(|(key, _)| (key.clone(), definition.to_owned())));
    let reference = node["$ref"].as_str().and_then(|path| path.strip_prefix("#/$defs/"));
    definitions.extend(reference.map(str::to_owned));
    let below = node.as_object().into_iter().flat_map(|node| node.values());
    for child in below.chain(node.as_array().into_iter().flatten()) {
        collect(child, definition, keys, definitions);
    }
}

#[test]
fn each_key_of_a_route_is_explained_tested_and_shown() {
    let tree = Tree::of_the_repository();
    let texts_of = |is_meant: &dyn Fn(&str) -> bool| {
        let texts = tree.texts().filter(|document| is_meant(document.path));
        texts.map(|document| document.text).collect::<String>()
    };
    let is_test =
        |path: &str| path.ends_with(".rs") && path.contains("test") && !path.starts_with("tests/it/docs/");
    let pages = texts_of(&|path| path.starts_with("docs/behaviour/"));
    let tests = texts_of(&is_test);
    let (keys, mut missing) = (keys(), Vec::new());
    assert!(keys.len() > 100, "{keys:?}");
    for (key, definition) in &keys {
        let is_set = |text: &str| [" = ", "="].iter().any(|sign| text.contains(&format!("{key}{sign}")));
        let is_named = |text: &str| text.contains(&format!("`{key}`")) || text.contains(&format!("`{key} "));
        let example = if SHOWN_ELSEWHERE.contains(&&**definition) { EXAMPLE_OF_ALL } else { EXAMPLE };
        let is_shown = |text: &str| is_set(text) || text.contains(&format!(".{key}]"));
        for (place, is_there) in [
            ("docs/behaviour/", is_named(&pages) || is_set(&pages)),
            ("a test", is_set(&tests)),
            ("an example", is_shown(example)),
        ] {
            if !is_there {
                missing.push(format!("{key} of {definition} in {place}"));
            }
        }
    }
    assert!(missing.is_empty(), "\n{}\n", missing.join("\n"));
}
