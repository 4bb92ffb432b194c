//! The file is read while others write it, or have it read.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use gateway::config::Config;
use gateway::live::{Reload, Status};
use tempfile::TempDir;
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

use crate::support::gateway::TestGateway;
use crate::support::raw::RawClient;
use crate::support::within;

/// A gateway, and the directory of its file.
struct Filed {
    gateway: TestGateway,
    directory: TempDir,
}

/// Routes at these paths, each with these keys.
fn text(paths: &[&str], keys: &str) -> String {
    let routes = paths.iter().map(|path| format!("[routes.\"{path}\"]\nrespond = 204\n{keys}"));
    format!("listen = \"127.0.0.1:0\"\n{}", routes.collect::<String>())
}

impl Filed {
    fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("token"), "a-token-of-this-test").unwrap();
        let file = directory.path().join("gateway.toml");
        fs::write(&file, text(&["/one"], "")).unwrap();
        Self { gateway: TestGateway::of_file(&file), directory }
    }

    fn file(&self) -> PathBuf {
        self.directory.path().join("gateway.toml")
    }

    /// Reads the file, and calls `read` then, with what stood there.
    fn reload(&self, read: impl Fn(&Config) + Send + Sync + 'static) -> Reload {
        Reload::new(self.gateway.handle.clone(), self.file()).adjusted(move |config| read(config))
    }

    async fn until(&self, is_so: impl Fn(&Status) -> bool) {
        while !is_so(&self.gateway.handle.status()) {
            sleep(Duration::from_millis(10)).await;
        }
    }

    async fn status_of(&self, path: &str) -> u16 {
        RawClient::connect(self.gateway.addr).await.get(path).await.status()
    }
}

/// The first change names another file, so that other files are watched from then on.
#[tokio::test]
async fn a_change_is_seen_that_comes_before_other_files_are_watched() {
    let filed = Filed::start();
    let gated = "admin_tokens = [{ file = \"token\" }]\n";
    let (first_read, last) = (Arc::new(Semaphore::new(0)), text(&["/one", "/two"], gated));
    let reload = {
        let (file, first_read) = (filed.file(), Arc::clone(&first_read));
        filed.reload(move |config| match config.routes.as_slice() {
            // Somebody writes once more what was just read.
            [one] if one.is_gated() => fs::write(&file, &last).unwrap(),
            _ => first_read.add_permits(1),
        })
    };
    let watching = tokio::spawn(async move { reload.on_change().await });
    let _is_read = within("the file to be read", first_read.acquire()).await.unwrap();
    fs::write(filed.file(), text(&["/one"], gated)).unwrap();
    within("the last change", filed.until(|status| status.generation == 3)).await;
    assert_eq!(filed.status_of("/two").await, 401);
    watching.abort();
}

#[tokio::test]
async fn what_is_read_last_is_applied_last() {
    let filed = Filed::start();
    let (reading, go_on) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let reload = {
        let (reads, reading, go_on) = (AtomicUsize::new(0), Arc::clone(&reading), Arc::clone(&go_on));
        filed.reload(move |_| {
            if reads.fetch_add(1, Ordering::Relaxed) == 0 {
                reading.add_permits(1);
                tokio::runtime::Handle::current().block_on(async { go_on.acquire().await.unwrap().forget() });
            }
        })
    };
    let also = reload.clone();
    let first = tokio::spawn(async move { reload.now().await.map(|_| ()) });
    within("the file to be read", reading.acquire()).await.unwrap().forget();
    fs::write(filed.file(), text(&["/one", "/two"], "")).unwrap();
    let mut second = tokio::spawn(async move { also.now().await.map(|_| ()) });
    // It can't be done before the first, which has read an older file.
    let is_done = timeout(Duration::from_millis(300), &mut second).await.is_ok();
    go_on.add_permits(1);
    within("the first", first).await.unwrap().unwrap();
    if !is_done {
        within("the second", second).await.unwrap().unwrap();
    }
    assert_eq!(filed.status_of("/two").await, 204);
}

#[tokio::test]
async fn a_file_that_was_missing_may_come() {
    let filed = Filed::start();
    let (first_read, later) = (Arc::new(Semaphore::new(0)), filed.directory.path().join("later"));
    let reload = {
        let first_read = Arc::clone(&first_read);
        filed.reload(move |_| first_read.add_permits(1))
    };
    let watching = tokio::spawn(async move { reload.on_change().await });
    let _is_read = within("the file to be read", first_read.acquire()).await.unwrap();
    fs::write(filed.file(), text(&["/one", "/two"], "admin_tokens = [{ file = \"later\" }]\n")).unwrap();
    within("the refusal", filed.until(|status| status.refused.is_some())).await;
    fs::write(later, "a-token-of-this-test").unwrap();
    within("the file to be applied", filed.until(|status| status.generation == 2)).await;
    watching.abort();
}
