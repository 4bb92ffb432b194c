//! The files of the repository, or of a small one that a test makes up.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Paths are from the root, with `/` between their parts.
#[derive(Default)]
pub(super) struct Tree {
    /// Every file and folder.
    paths: BTreeSet<String>,
    /// Prose, and programs in Rust.
    texts: BTreeMap<String, String>,
    /// What builds and tools make, as the root's `.gitignore` names it.
    ignored: Vec<String>,
}

pub(super) struct Document<'a> {
    pub(super) path: &'a str,
    pub(super) text: &'a str,
}

impl Tree {
    pub(super) fn of_the_repository() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut tree = Self::ignoring(&std::fs::read_to_string(root.join(".gitignore")).unwrap());
        tree.read(root, "");
        assert!(tree.has("Cargo.toml"), "the root has a manifest");
        tree
    }

    pub(super) fn ignoring(lines: &str) -> Self {
        Self {
            ignored: lines.lines().map(|line| line.trim_end_matches('/').to_owned()).collect(),
            ..Self::default()
        }
    }

    fn read(&mut self, folder: &Path, path: &str) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            let path = if path.is_empty() { name } else { format!("{path}/{name}") };
            // `.git` is a file in a worktree.
            if path == ".git" || self.is_ignored(&path) {
                continue;
            }
            if entry.file_type().unwrap().is_dir() {
                self.read(&entry.path(), &path);
            } else if is_text(&path) {
                self.add(&path, &std::fs::read_to_string(entry.path()).unwrap());
            } else {
                self.add(&path, "");
            }
        }
    }

    /// Adds a file, and the folders that it is in.
    pub(super) fn add(&mut self, path: &str, text: &str) {
        let folders = std::iter::successors(Some(path), |path| path.rsplit_once('/').map(|(above, _)| above));
        self.paths.extend(folders.map(str::to_owned));
        if is_text(path) {
            self.texts.insert(path.to_owned(), text.to_owned());
        }
    }

    /// What is checked: the pages of `docs/`, and each README and its like.
    pub(super) fn documents(&self) -> impl Iterator<Item = Document<'_>> {
        let is_document = |path: &str| match path.split('/').collect::<Vec<_>>()[..] {
            ["docs", .., last] => last.ends_with(".md"),
            ["README.md" | "CONTRIBUTING.md" | "SECURITY.md"] | ["fuzz", "README.md"] => true,
            ["crates" | "benches", _, "README.md"] => true,
            _ => false,
        };
        self.texts().filter(move |document| is_document(document.path))
    }

    pub(super) fn texts(&self) -> impl Iterator<Item = Document<'_>> {
        self.texts.iter().map(|(path, text)| Document { path, text })
    }

    pub(super) fn text(&self, path: &str) -> Option<&str> {
        self.texts.get(path).map(String::as_str)
    }

    /// Whether there is a file or a folder of this path.
    pub(super) fn has(&self, path: &str) -> bool {
        path.is_empty() || self.paths.contains(path.trim_end_matches('/'))
    }

    /// Every file and folder.
    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        self.paths.iter().map(String::as_str)
    }

    /// The path as it is kept here, if it is there.
    pub(super) fn find(&self, path: &str) -> Option<&str> {
        self.paths.get(path).map(String::as_str)
    }

    /// Whether builds and tools make it, or a folder that it would be in. A line of `.gitignore` that begins with a slash is
    /// a path, any other a name.
    pub(super) fn is_ignored(&self, path: &str) -> bool {
        let is_below = |line: &str| match line.strip_prefix('/') {
            Some(whole) => {
                path.strip_prefix(whole).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            }
            None => path.split('/').any(|name| name == line),
        };
        self.ignored.iter().any(|line| is_below(line))
    }
}

fn is_text(path: &str) -> bool {
    path.ends_with(".md") || path.ends_with(".rs")
}
