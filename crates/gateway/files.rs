//! Tells when files change: when one is written, renamed, or reached through another symlink, as Kubernetes does it.

mod ways;

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::Notify;
use tokio::time::sleep;

/// How long files must have been left alone before a change is told, so that nobody reads one that is half written.
const QUIET: Duration = Duration::from_millis(200);
/// How often that is waited for. Then the change is told all the same.
const MOST_WAITS: u32 = 25;
/// How often files are looked at where the system can't tell of changes.
const EVERY: Duration = Duration::from_secs(2);

/// Some files, as they were when they were last looked at.
#[derive(Debug)]
pub(crate) struct Files {
    paths: Vec<PathBuf>,
    seen: Vec<Option<Stamp>>,
    news: Arc<Notify>,
    /// Tells of changes in the directories. `None` if the system can't.
    watcher: Option<RecommendedWatcher>,
}

/// What tells one version of a file from another. A file that another one is renamed to has another number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    written: Option<SystemTime>,
    length: u64,
    number: u64,
}

impl Files {
    /// Begins to watch these files, whether they are there or not. Changes from here on are told.
    pub(crate) fn watch(paths: Vec<PathBuf>) -> Self {
        let news = Arc::new(Notify::new());
        let watcher = watcher(&paths, &news);
        Self { seen: stamps(&paths), paths, news, watcher }
    }

    /// Watches these files from here on. No change is lost of one that was watched before.
    pub(crate) fn turn_to(&mut self, paths: Vec<PathBuf>) {
        self.watcher = watcher(&paths, &self.news);
        let seen: HashMap<&PathBuf, Option<Stamp>> =
            self.paths.iter().zip(self.seen.iter().copied()).collect();
        self.seen = paths.iter().map(|path| seen.get(path).copied().unwrap_or_else(|| stamp(path))).collect();
        self.paths = paths;
    }

    /// Waits until one of the files is another one than when this was called last, or since the beginning.
    ///
    /// If this future is dropped, no change is lost.
    pub(crate) async fn changed(&mut self) {
        loop {
            if stamps(&self.paths) == self.seen {
                match self.watcher {
                    Some(_) => self.news.notified().await,
                    None => sleep(EVERY).await,
                }
            }
            let now = settled(&self.paths).await;
            if now != self.seen {
                // What a symlink leads to may be in another directory now.
                self.watcher = watcher(&self.paths, &self.news);
                self.seen = now;
                return;
            }
        }
    }
}

/// The stamps of the files, once they stay the same for a while.
async fn settled(paths: &[PathBuf]) -> Vec<Option<Stamp>> {
    let mut before = stamps(paths);
    for _ in 0..MOST_WAITS {
        sleep(QUIET).await;
        let now = stamps(paths);
        if now == before {
            break;
        }
        before = now;
    }
    before
}

/// Watches the directories of the files, and of the symlinks on the way to them: an editor that renames, and a symlink
/// that leads elsewhere, are changes in a directory.
fn watcher(paths: &[PathBuf], news: &Arc<Notify>) -> Option<RecommendedWatcher> {
    let told = Arc::clone(news);
    let tell = move |event: notify::Result<Event>| {
        if !event.is_ok_and(|event| matches!(event.kind, EventKind::Access(_))) {
            told.notify_one();
        }
    };
    let watching = notify::recommended_watcher(tell).and_then(|mut watcher| {
        for directory in ways::directories(paths) {
            // One that isn't there can't be watched. The file is then looked for when another one changes.
            if directory.is_dir() {
                watcher.watch(&directory, RecursiveMode::NonRecursive)?;
            }
        }
        Ok(watcher)
    });
    watching
        .inspect_err(|error| {
            tracing::warn!(target: "gateway::files", %error, "files are looked at every 2 s, since the system can't tell of changes");
        })
        .ok()
}

fn stamps(paths: &[PathBuf]) -> Vec<Option<Stamp>> {
    paths.iter().map(|path| stamp(path)).collect()
}

fn stamp(path: &Path) -> Option<Stamp> {
    let found = fs::metadata(path).ok()?;
    Some(Stamp { written: found.modified().ok(), length: found.len(), number: number(&found) })
}

#[cfg(unix)]
fn number(found: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(found)
}

#[cfg(not(unix))]
fn number(_: &fs::Metadata) -> u64 {
    0
}

#[cfg(test)]
mod tests;
