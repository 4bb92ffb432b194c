//! Files, and what renames them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::logged::Logged;
use crate::support::process::Signal;
use crate::support::raw::RawClient;
use crate::support::recorder::Script;
use crate::support::within;

async fn logged(log: &str) -> Logged {
    Logged::start(&[], log, |_| Script::ok("abc")).await
}

/// Waits until a file is there.
async fn there(path: &Path) {
    let waited = format!("{}", path.display());
    let there = async {
        while !path.exists() {
            tokio::task::yield_now().await;
        }
    };
    within(&waited, there).await;
}

/// How often each line is in the files.
fn counted<'a>(files: impl IntoIterator<Item = &'a PathBuf>) -> BTreeMap<String, usize> {
    let mut lines = BTreeMap::new();
    for file in files {
        for line in std::fs::read_to_string(file).unwrap().lines() {
            *lines.entry(line.to_owned()).or_default() += 1;
        }
    }
    lines
}

/// As logrotate does it: rename, then SIGUSR1. No line is lost, doubled or cut.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn renamed_under_traffic() {
    const CLIENTS: usize = 4;
    const ROTATIONS: usize = 5;
    let mut logged = logged("[log.access]\nto = \"file:access.log\"\nformat = \"{id} {status}\"\n").await;
    let (file, sent, is_over) =
        (logged.path("access.log"), Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let (addr, sent, is_over) = (logged.addr, Arc::clone(&sent), Arc::clone(&is_over));
            tokio::spawn(async move {
                let mut connection = RawClient::connect(addr).await;
                let mut ids = Vec::new();
                while !is_over.load(Ordering::Relaxed) {
                    let id = format!("{client}-{}", ids.len());
                    let request = format!("GET /api/x HTTP/1.1\r\nHost: t\r\nX-Request-Id: {id}\r\n\r\n");
                    assert_eq!(connection.exchange(request.as_bytes(), "GET").await.status(), 200);
                    ids.push(id);
                    sent.fetch_add(1, Ordering::Relaxed);
                }
                ids
            })
        })
        .collect();
    let mut files = vec![file.clone()];
    for rotation in 0..ROTATIONS {
        there(&file).await;
        let before = sent.load(Ordering::Relaxed);
        let traffic = async {
            while sent.load(Ordering::Relaxed) < before + 100 {
                tokio::task::yield_now().await;
            }
        };
        within("traffic", traffic).await;
        let renamed = logged.path(&format!("access.log.{rotation}"));
        std::fs::rename(&file, &renamed).unwrap();
        logged.signal(Signal::Usr1).await;
        files.push(renamed);
    }
    there(&file).await;
    is_over.store(true, Ordering::Relaxed);
    let mut expected = BTreeMap::new();
    for client in clients {
        expected.extend(client.await.unwrap().into_iter().map(|id| (format!("{id} 200"), 1)));
    }
    logged.stop().await;
    assert_eq!(counted(&files), expected);
    assert!(expected.len() > 100 * ROTATIONS);
}

/// The whole log in a file, whose directory vanishes.
#[tokio::test]
async fn one_that_cannot_be_opened_again_goes_on() {
    let directory = tempfile::tempdir().unwrap();
    let (before, moved) = (directory.path().join("before"), directory.path().join("moved"));
    std::fs::create_dir(&before).unwrap();
    let logged = logged(&format!("[log]\nto = \"file:{}/all\"\n", before.display())).await;
    std::fs::rename(&before, &moved).unwrap();
    logged.signal(Signal::Usr1).await;
    says(&moved.join("all"), "the file can't be opened again").await;
    let mut client = RawClient::connect(logged.addr).await;
    client.exchange(b"GET /api/x HTTP/1.1\r\nHost: t\r\nX-Request-Id: after\r\n\r\n", "GET").await;
    says(&moved.join("all"), "id=\"after\"").await;
    assert_eq!(logged.text(), "", "nothing on standard error");
}

/// Waits until a file has this text.
async fn says(file: &Path, text: &str) {
    let said = async {
        while !std::fs::read_to_string(file).unwrap().contains(text) {
            tokio::task::yield_now().await;
        }
    };
    within(text, said).await;
}

#[tokio::test]
async fn where_none_can_be_opened_the_gateway_does_not_start() {
    for log in ["[log]\nto = \"file:no/such/file\"", "[log.access]\nto = \"file:no/such/file\""] {
        let said = super::logged::refused(log).await;
        assert!(said.contains("no log can be written to "), "{said}");
        assert!(said.contains("no/such/file: No such file or directory"), "{said}");
    }
}
