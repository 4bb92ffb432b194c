//! Endpoints in a file that another program writes.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::task::spawn_blocking;

use super::endpoints_file;
use super::found::Found;
use super::looked::{Looked, Trouble};
use crate::files::Files;

/// The largest file that is read: 1 MiB.
const LARGEST: u64 = 1 << 20;

/// Reads a file with endpoints, and tells when it has changed.
#[derive(Debug)]
pub(super) struct Endpoints {
    path: PathBuf,
    files: Files,
    found: Option<Vec<Found>>,
}

impl Endpoints {
    pub(super) fn of(path: PathBuf) -> Self {
        Self { files: Files::watch(vec![path.clone()]), path, found: None }
    }

    /// If it can't be read or makes no sense, what was read last stays.
    pub(super) async fn look_up(&mut self) -> Looked {
        let path = self.path.clone();
        let read = spawn_blocking(move || endpoints_file::read(&bytes(&path)?)).await;
        match read.unwrap_or_else(|panicked| Err(Trouble::of(panicked))) {
            Ok(found) => {
                self.found = Some(found);
                Looked { ttl: Some(Duration::MAX), trouble: None }
            }
            Err(trouble) => Looked { ttl: None, trouble: Some(trouble) },
        }
    }

    pub(super) fn found(&self) -> Option<Vec<Found>> {
        self.found.clone()
    }

    pub(super) async fn changed(&mut self) {
        self.files.changed().await;
    }
}

fn bytes(path: &Path) -> Result<Vec<u8>, Trouble> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes));
    match read.map_err(Trouble::of)? as u64 {
        ..=LARGEST => Ok(bytes),
        _ => Err(Trouble::of(format_args!("it is larger than {LARGEST} bytes"))),
    }
}
