//! The directories in which a change may make a path lead to another file.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf, absolute};

/// How many symlinks are followed, as on Linux.
const MOST_LINKS: u32 = 40;

/// The directories of these files, and of every symlink on the way to them.
pub(super) fn directories(paths: &[PathBuf]) -> BTreeSet<PathBuf> {
    let mut way = Way::default();
    for path in paths {
        way.links = 0;
        let real = way.walk(PathBuf::new(), &absolute(path).unwrap_or_else(|_| path.clone()));
        way.directories.extend(real.parent().map(Path::to_owned));
    }
    way.directories
}

#[derive(Default)]
struct Way {
    directories: BTreeSet<PathBuf>,
    links: u32,
}

impl Way {
    /// Goes from the directory `from` along `path`. Returns where it leads, without a symlink.
    fn walk(&mut self, from: PathBuf, path: &Path) -> PathBuf {
        let mut at = from;
        for component in path.components() {
            match component {
                Component::Normal(name) => {
                    let next = at.join(name);
                    at = match fs::read_link(&next) {
                        Ok(target) if self.links < MOST_LINKS => {
                            self.links += 1;
                            self.directories.insert(at.clone());
                            self.walk(at, &target)
                        }
                        _ => next,
                    };
                }
                Component::ParentDir => drop(at.pop()),
                Component::CurDir => {}
                Component::RootDir | Component::Prefix(_) => at.push(component),
            }
        }
        at
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn every_symlink_on_the_way_counts() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path().canonicalize().unwrap();
        for directory in ["mount/..2026", "elsewhere/keys"] {
            fs::create_dir_all(root.join(directory)).unwrap();
        }
        symlink("..2026", root.join("mount/..data")).unwrap();
        symlink("..data/gateway.toml", root.join("mount/gateway.toml")).unwrap();
        symlink("../../elsewhere/keys", root.join("mount/..2026/keys")).unwrap();
        let found = directories(&[root.join("mount/gateway.toml"), root.join("mount/..data/keys/a.pem")]);
        let expected = ["elsewhere/keys", "mount", "mount/..2026"].map(|directory| root.join(directory));
        assert_eq!(found.into_iter().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_ring_of_symlinks_ends() {
        let root = tempfile::tempdir().unwrap();
        symlink("b", root.path().join("a")).unwrap();
        symlink("a", root.path().join("b")).unwrap();
        assert!(!directories(&[root.path().join("a")]).is_empty());
    }
}
