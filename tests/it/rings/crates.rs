//! Where the sources are.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// One crate's sources, by their path from the repository's root.
#[derive(Default)]
pub(super) struct Sources(BTreeMap<String, String>);

impl Sources {
    pub(super) fn of(files: &[(&str, &str)]) -> Self {
        Self(files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect())
    }

    pub(super) fn text(&self, path: &str) -> Option<&str> {
        self.0.get(path).map(String::as_str)
    }

    /// The files that modules begin at: a library's and a program's.
    pub(super) fn roots(&self) -> Vec<&str> {
        let folder = |path: &str| path.matches('/').count();
        let top = self.0.keys().map(|path| folder(path)).min().unwrap_or(0);
        let is_root =
            |path: &&String| folder(path) == top && (path.ends_with("/lib.rs") || path.ends_with("/main.rs"));
        self.0.keys().filter(is_root).map(String::as_str).collect()
    }

    fn read(&mut self, root: &Path, folder: &Path) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                self.read(root, &path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                self.0.insert(name, fs::read_to_string(&path).unwrap());
            }
        }
    }
}

/// Each crate of this repository. The app's sources stand right in its folder, a library's in `src`.
pub(super) fn on_disk() -> Vec<Sources> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut crates = Vec::new();
    for entry in fs::read_dir(root.join("crates")).unwrap() {
        let folder = entry.unwrap().path();
        let src = folder.join("src");
        let mut sources = Sources::default();
        sources.read(root, if src.is_dir() { &src } else { &folder });
        crates.push(sources);
    }
    crates
}
