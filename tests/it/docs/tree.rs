//! The files of the repository, or of a small one that a test makes up.

use std::collections::BTreeMap;
use std::path::Path;

/// Paths from the root, with `/` between their parts, and the text of those that are text.
#[derive(Default)]
pub(super) struct Tree {
    files: BTreeMap<String, String>,
}

pub(super) struct Document<'a> {
    pub(super) path: &'a str,
    pub(super) text: &'a str,
}

/// Made by builds and tools; `.git` is a file in a worktree.
const IGNORED: &str = ".gitignore";
const NOT_OURS: [&str; 4] = [".git", "target", "__pycache__", "artifacts"];

impl Tree {
    pub(super) fn of_the_repository() -> Self {
        let mut tree = Self::default();
        tree.read(Path::new(env!("CARGO_MANIFEST_DIR")), "");
        assert!(tree.has("Cargo.toml"), "the root has a manifest");
        tree
    }

    pub(super) fn of<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let owned = files.into_iter().map(|(path, text)| (path.to_owned(), text.to_owned()));
        Self { files: owned.collect() }
    }

    fn read(&mut self, folder: &Path, path: &str) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            if NOT_OURS.contains(&name.as_str()) {
                continue;
            }
            let path = if path.is_empty() { name } else { format!("{path}/{name}") };
            if entry.file_type().unwrap().is_dir() {
                self.read(&entry.path(), &path);
            } else {
                let text = if is_text(&path) {
                    std::fs::read_to_string(entry.path()).unwrap()
                } else {
                    String::new()
                };
                self.files.insert(path, text);
            }
        }
    }

    /// What is checked: the pages of `docs/`, and each README and its like.
    pub(super) fn documents(&self) -> impl Iterator<Item = Document<'_>> {
        let is_document = |path: &str| {
            let parts: Vec<&str> = path.split('/').collect();
            match parts[..] {
                ["docs", .., last] => last.ends_with(".md"),
                ["README.md" | "CONTRIBUTING.md" | "SECURITY.md"] => true,
                ["crates" | "benches", _, "README.md"] | ["fuzz", "README.md"] => true,
                _ => false,
            }
        };
        self.texts().filter(move |document| is_document(document.path))
    }

    /// Every file that is text: prose, and programs in Rust.
    pub(super) fn texts(&self) -> impl Iterator<Item = Document<'_>> {
        let texts = self.files.iter().filter(|(path, _)| is_text(path));
        texts.map(|(path, text)| Document { path, text })
    }

    pub(super) fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }

    /// Whether there is a file or a folder of this path.
    pub(super) fn has(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        let below = format!("{path}/");
        path.is_empty()
            || self.files.contains_key(path)
            || self.files.keys().any(|file| file.starts_with(&below))
    }

    /// Whether the root has a folder of this name.
    pub(super) fn has_top_folder(&self, name: &str) -> bool {
        self.files.keys().any(|file| file.split_once('/').is_some_and(|(top, _)| top == name))
    }

    /// Whether the root's `.gitignore` names it, or a folder that it would be in.
    pub(super) fn is_ignored(&self, path: &str) -> bool {
        let mut lines = self.text(IGNORED).unwrap_or_default().lines().map(|line| line.trim_matches('/'));
        lines.any(|line| {
            !line.is_empty()
                && path.strip_prefix(line).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }

    /// Every file and folder.
    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        let folders = |file| {
            std::iter::successors(Some(file), |path: &&str| path.rsplit_once('/').map(|(above, _)| above))
        };
        self.files.keys().flat_map(move |file| folders(file.as_str()))
    }
}

fn is_text(path: &str) -> bool {
    path.ends_with(".md") || path.ends_with(".rs") || path == IGNORED
}
