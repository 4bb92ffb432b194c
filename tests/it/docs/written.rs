//! Files that a script writes: the committed ones are what it makes now.

use std::process::Command;

use crate::support::tools::{require, require_python_with};

const REPOSITORY: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn the_picture_is_what_its_script_draws() {
    is_what_it_makes("docs/journey.py");
}

#[test]
fn the_page_of_all_keys_is_what_its_script_writes() {
    is_what_it_makes("docs/configuration.py");
}

fn is_what_it_makes(script: &str) {
    let Some(python) = require("python3") else { return };
    let answer = Command::new(python).args([script, "--check"]).current_dir(REPOSITORY).output().unwrap();
    assert!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
}

/// A validator that others wrote finds nothing wrong with the files that we ship, and finds what is wrong.
#[tokio::test]
async fn the_files_that_are_shipped_follow_the_schema() {
    const CHECK: &str = "
import glob, json, sys, tomllib, jsonschema
schema = json.load(open('crates/gateway/config/schema.json'))
jsonschema.Draft202012Validator.check_schema(schema)
valid = jsonschema.Draft202012Validator(schema)
for file in ['crates/gateway/config/default.toml', *glob.glob('examples/*.toml'), *glob.glob('examples/from/*/gateway.toml')]:
    valid.validate(tomllib.load(open(file, 'rb')))
route = '[pools.a]\\nupstreams = [\"http://h\"]\\n[routes.\"/\"]\\npool = \"a\"\\n'
for wrong in ['', 'workers = 0\\n' + route, 'unknown = 1\\n' + route, route + 'max_body = \"much\"\\n',
              '[timeouts]\\nconnect = 5\\n' + route, route.replace('[\"http://h\"]', '[]')]:
    assert not valid.is_valid(tomllib.loads(wrong)), wrong
";
    let Some(python) = require_python_with("jsonschema").await else { return };
    let answer = Command::new(python).args(["-c", CHECK]).current_dir(REPOSITORY).output().unwrap();
    assert!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
}
