//! `docs/architecture.md` has one row for each source file, so that whoever looks at a file finds what it is for.
//!
//! That each file of a row exists is checked with all other documents, in `docs.rs`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

const DOCUMENT: &str = "docs/architecture.md";

#[test]
fn each_source_file_has_one_row() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let document = fs::read_to_string(root.join(DOCUMENT)).unwrap();
    let rows = rows(&document);
    let files = source_files(root);
    assert!(files.len() > 200, "only {} source files were found", files.len());

    let complaints: Vec<String> = files.iter().filter_map(|file| complaint(file, &rows)).collect();
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

/// How often each path stands in the first column of the tables under "Every file". A folder ends in a slash.
fn rows(document: &str) -> BTreeMap<&str, usize> {
    let (_, tables) = document.split_once("\n## Every file\n").expect("the heading is there");
    let mut rows = BTreeMap::new();
    for cell in tables.lines().filter_map(|line| line.strip_prefix("| ")?.split(" |").next()) {
        for path in cell.split('`').skip(1).step_by(2) {
            *rows.entry(path).or_default() += 1;
        }
    }
    rows
}

/// A file has a row of its own, or one with the others of its folder.
fn complaint(file: &str, rows: &BTreeMap<&str, usize>) -> Option<String> {
    let in_row = |row: &str| row == file || row.ends_with('/') && file.starts_with(row);
    match rows.iter().filter(|(row, _)| in_row(row)).map(|(_, times)| times).sum() {
        0 => Some(format!("{file} has no row in {DOCUMENT}")),
        1 => None,
        times => Some(format!("{file} has {times} rows in {DOCUMENT}")),
    }
}

/// The sources of all crates, without their tests. A library's are in `src`, the app's right in its folder.
fn source_files(root: &Path) -> Vec<String> {
    let mut files = Vec::new();
    for entry in fs::read_dir(root.join("crates")).unwrap() {
        let folder = entry.unwrap().path();
        let src = folder.join("src");
        add_sources(root, if src.is_dir() { &src } else { &folder }, &mut files);
    }
    files
}

fn add_sources(root: &Path, folder: &Path, files: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if matches!(name, "tests" | "tests.rs" | "models" | "models.rs") {
            continue;
        }
        if path.is_dir() {
            add_sources(root, &path, files);
        } else if name.ends_with(".rs") {
            files.push(path.strip_prefix(root).unwrap().to_str().unwrap().to_owned());
        }
    }
}

#[test]
fn what_is_missing_or_stands_twice_is_found() {
    let rows = rows("\n## Every file\n| `a.rs` | A. |\n| `b.rs`, `c/` | B. |\n| `c/d.rs` | D. |\n");
    assert_eq!(complaint("a.rs", &rows), None);
    assert_eq!(complaint("c/e.rs", &rows), None);
    assert!(complaint("f.rs", &rows).unwrap().contains("no row"));
    assert!(complaint("c/d.rs", &rows).unwrap().contains("2 rows"));
}
