//! Opens files for tower-http: nothing but files, and only where they may be.

use std::fs;
use std::io::{self, ErrorKind, SeekFrom};
use std::path::{Component, Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncSeek, ReadBuf};
use tokio::task::spawn_blocking;
use tower_http::services::fs::{Backend, File};

use crate::config::Symlinks;

/// The files below a root.
#[derive(Clone, Debug)]
pub(super) struct Below {
    pub(super) root: Arc<Path>,
    pub(super) symlinks: Symlinks,
}

type Opening<T> = Pin<Box<dyn Future<Output = io::Result<T>> + Send>>;

impl Backend for Below {
    type File = Opened;
    type Metadata = fs::Metadata;
    type OpenFuture = Opening<Opened>;
    type MetadataFuture = Opening<fs::Metadata>;

    fn open(&self, path: PathBuf) -> Self::OpenFuture {
        let below = self.clone();
        Box::pin(apart(move || {
            let (path, found) = below.find(&path)?;
            // A pipe would keep its thread waiting.
            if !found.is_file() {
                return Err(ErrorKind::NotFound.into());
            }
            Ok(Opened(tokio::fs::File::from_std(fs::File::open(path)?)))
        }))
    }

    fn metadata(&self, path: PathBuf) -> Self::MetadataFuture {
        let below = self.clone();
        Box::pin(apart(move || {
            let (_, found) = below.find(&path)?;
            if found.is_file() || found.is_dir() { Ok(found) } else { Err(ErrorKind::NotFound.into()) }
        }))
    }
}

impl Below {
    /// Where a path leads, and what is there.
    fn find(&self, path: &Path) -> io::Result<(PathBuf, fs::Metadata)> {
        let path = match self.symlinks {
            Symlinks::Anywhere => path.to_owned(),
            Symlinks::Inside => path.canonicalize()?,
        };
        if self.symlinks == Symlinks::Inside {
            // The root may itself be a symlink that changes, such as the one to the current release.
            let root = self.root.canonicalize()?;
            if !path.strip_prefix(root).is_ok_and(may_be_seen) {
                return Err(ErrorKind::NotFound.into());
            }
        }
        let found = path.metadata()?;
        Ok((path, found))
    }
}

/// Whether no name on the way is hidden: a symlink doesn't make it public.
fn may_be_seen(below: &Path) -> bool {
    below.components().enumerate().all(|(depth, component)| match component {
        Component::Normal(name) => {
            !name.as_encoded_bytes().starts_with(b".") || depth == 0 && name == ".well-known"
        }
        _ => false,
    })
}

/// Does it on a thread for blocking work. What can't be there isn't there.
async fn apart<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    let done = spawn_blocking(work).await.map_err(io::Error::other)?;
    done.map_err(|error| if is_absence(&error) { ErrorKind::NotFound.into() } else { failure(error) })
}

fn is_absence(error: &io::Error) -> bool {
    let kinds = [
        ErrorKind::NotFound,
        ErrorKind::PermissionDenied,
        ErrorKind::NotADirectory,
        ErrorKind::InvalidInput,
        ErrorKind::InvalidFilename,
    ];
    kinds.contains(&error.kind()) || is_ring(error)
}

/// Whether symlinks lead to each other.
#[cfg(unix)]
fn is_ring(error: &io::Error) -> bool {
    error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error())
}

#[cfg(not(unix))]
fn is_ring(_: &io::Error) -> bool {
    false
}

fn failure(error: io::Error) -> io::Error {
    tracing::warn!(target: "gateway::files", %error, "a file can't be served");
    error
}

/// A file that clients may have.
#[derive(Debug)]
pub(super) struct Opened(tokio::fs::File);

impl File for Opened {
    type Metadata = fs::Metadata;
    type MetadataFuture<'a> = Pin<Box<dyn Future<Output = io::Result<fs::Metadata>> + Send + 'a>>;

    fn metadata(&self) -> Self::MetadataFuture<'_> {
        Box::pin(self.0.metadata())
    }
}

impl AsyncRead for Opened {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl AsyncSeek for Opened {
    fn start_seek(mut self: Pin<&mut Self>, position: SeekFrom) -> io::Result<()> {
        Pin::new(&mut self.0).start_seek(position)
    }

    fn poll_complete(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<u64>> {
        Pin::new(&mut self.0).poll_complete(cx)
    }
}
