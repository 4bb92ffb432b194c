//! No lock stands in the path of a request, so that no thread waits for another there and nothing is left locked by a panic.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What our own code may lock, and why.
const ALLOWED: [(&str, &str); 4] = [
    ("crates/gateway/live/handle.rs", "held while a configuration is applied; no request takes it"),
    ("crates/gateway/live/reload.rs", "held while a file is read and applied; no request takes it"),
    (
        "crates/gateway/pools/members.rs",
        "held while a list of upstreams is put in place; no request takes it",
    ),
    ("crates/proxy-service/src/client/pool/stack.rs", "loom's, in the model"),
];

const LOCKS: [&str; 4] = ["Mutex", "RwLock", "Condvar", "Barrier"];

#[test]
fn only_the_listed_files_take_a_lock() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for member in std::fs::read_dir(root.join("crates")).unwrap() {
        let member = member.unwrap().path();
        // The app's files stand in its directory itself, since its manifest is the root's.
        let src = member.join("src");
        sources(if src.is_dir() { &src } else { &member }, &mut files);
    }
    assert!(files.len() > 200, "{} files", files.len());
    let locking: BTreeSet<String> = files
        .iter()
        .filter(|file| takes_a_lock(&std::fs::read_to_string(file).unwrap()))
        .map(|file| file.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/"))
        .collect();
    let allowed: BTreeSet<String> = ALLOWED.iter().map(|(file, _)| (*file).to_owned()).collect();
    assert_eq!(locking, allowed, "a lock in a request's path, or one less on the list");
}

#[test]
fn a_lock_is_seen_where_there_is_one() {
    assert!(takes_a_lock("use std::sync::{Arc, Mutex};"));
    assert!(takes_a_lock("field: tokio::sync::RwLock<u8>,"));
    assert!(!takes_a_lock("/// Without a Mutex.\n//! RwLock\n// Mutex\nfn f() {}"));
    assert!(!takes_a_lock("pointer: loom::sync::Mutex<Arc<T>>,"));
    assert!(!takes_a_lock("fn f() {}\n#[cfg(test)]\nmod tests {\n use std::sync::Mutex;\n}"));
}

/// All of a room's files but those of tests and models.
fn sources(room: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(room).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        match path.extension() {
            _ if ["tests", "models"].contains(&name) => {}
            None => sources(&path, files),
            Some(extension) if extension == "rs" => files.push(path),
            Some(_) => {}
        }
    }
}

/// Before its tests, which stand last, and outside of comments and of what loom models.
fn takes_a_lock(source: &str) -> bool {
    let code = source.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let lines = code.lines().map(str::trim_start).filter(|line| !line.starts_with("//"));
    lines.filter(|line| !line.contains("loom::")).any(|line| LOCKS.iter().any(|lock| line.contains(lock)))
}
