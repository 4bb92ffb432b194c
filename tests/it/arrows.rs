//! Which crate may depend on which, read from the manifests. docs/architecture.md says why.

use std::collections::BTreeSet;
use std::path::Path;

use toml::Table;

/// Each library, and everything that it may depend on outside its tests.
const MAY_DEPEND_ON: [(&str, &[&str]); 4] = [
    (
        "proxy-service",
        &[
            "tower-service",
            "tower-layer",
            "arc-swap",
            "base64",
            "crossbeam-utils",
            "h2",
            COMMON_GROUND,
            "http",
            "http-body",
            "hyper",
            "hyper-util",
            "tokio",
            "tracing",
            "bytes",
            "pin-project-lite",
            "rustls",
            "sha1",
            "tokio-rustls",
            "webpki-roots",
        ],
    ),
    (
        "balance",
        &[
            "tower-service",
            "tower-layer",
            "arc-swap",
            "futures-core",
            "pin-project-lite",
            "tokio",
            "http",
            "http-body",
            "loom",
        ],
    ),
    (
        "admin-auth",
        &[
            "tower-service",
            "tower-layer",
            "http",
            "http-body",
            "pin-project-lite",
            "subtle",
            "sha2",
            "zeroize",
            "tracing",
        ],
    ),
    (COMMON_GROUND, &["bytes", "http", "httparse", "itoa", "memchr"]),
];

/// The one library that others may be built on.
const COMMON_GROUND: &str = "http1";

/// What a library may only depend on behind a feature.
const OPTIONAL: [(&str, &[&str]); 2] =
    [("proxy-service", &["rustls", "tokio-rustls", "webpki-roots"]), ("balance", &["http", "http-body"])];

fn manifest(path: &str) -> Table {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(root.join(path)).unwrap().parse().unwrap()
}

fn library(name: &str) -> Table {
    manifest(&format!("crates/{name}/Cargo.toml"))
}

/// The dependencies for every platform, without those for tests.
fn dependencies(manifest: &Table) -> Vec<(String, toml::Value)> {
    let for_targets =
        manifest.get("target").and_then(toml::Value::as_table).into_iter().flat_map(Table::values);
    let tables =
        for_targets.filter_map(|target| target.get("dependencies")).chain(manifest.get("dependencies"));
    tables.flat_map(|table| table.as_table().unwrap().clone()).collect()
}

#[test]
fn libraries_depend_on_what_they_may() {
    for (name, allowed) in MAY_DEPEND_ON {
        for (dependency, _) in dependencies(&library(name)) {
            assert!(allowed.contains(&&*dependency), "{name} must not depend on {dependency}");
        }
    }
}

#[test]
fn what_is_optional_stays_optional() {
    for (name, optional) in OPTIONAL {
        for (dependency, how) in dependencies(&library(name)) {
            let is_optional = how.get("optional").and_then(toml::Value::as_bool) == Some(true);
            assert_eq!(is_optional, optional.contains(&&*dependency), "{dependency} of {name}");
        }
    }
}

#[test]
fn libraries_never_see_each_other_even_in_tests() {
    let names = MAY_DEPEND_ON.iter().map(|(name, _)| *name);
    let apart: BTreeSet<&str> = names.clone().filter(|name| *name != COMMON_GROUND).collect();
    for name in names {
        let manifest = library(name);
        for table in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let seen = manifest.get(table).and_then(toml::Value::as_table).into_iter().flat_map(Table::keys);
            for dependency in seen {
                assert!(
                    !apart.contains(&**dependency) && dependency != "gateway",
                    "{name} sees {dependency}"
                );
            }
        }
    }
}

#[test]
fn every_version_stands_once_in_the_workspace() {
    let in_workspace = MAY_DEPEND_ON.iter().map(|(name, _)| library(name)).chain([manifest("Cargo.toml")]);
    for manifest in in_workspace {
        for table in ["dependencies", "dev-dependencies"] {
            for (name, how) in
                manifest.get(table).and_then(toml::Value::as_table).cloned().unwrap_or_default()
            {
                let is_inherited = how.get("workspace").and_then(toml::Value::as_bool) == Some(true);
                assert!(is_inherited, "{name} has a version of its own");
            }
        }
    }
}

#[test]
fn every_member_takes_the_workspace_lints_and_unsafe_is_forbidden() {
    let root = manifest("Cargo.toml");
    assert_eq!(root["workspace"]["lints"]["rust"]["unsafe_code"].as_str(), Some("forbid"));
    for manifest in MAY_DEPEND_ON.iter().map(|(name, _)| library(name)).chain([root]) {
        assert_eq!(manifest["lints"]["workspace"].as_bool(), Some(true));
    }
}
