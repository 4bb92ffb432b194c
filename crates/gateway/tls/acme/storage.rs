//! `Storage`: a directory with accounts, certificates and the pages of challenges, which several gateways may share.
//!
//! Each file is written under another name and then renamed, so that nobody reads half of one. A lock lets one gateway
//! order at a time. All functions wait on a thread of their own, since a disk, or a network behind it, may be slow.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::stored::{Issue, Stored};
use crate::config::Acme;

/// The directory. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct Storage(Arc<Path>);

/// Held by whoever may order. It is given up when this is dropped, and by the system when the process ends.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Storage {
    pub(super) fn at(directory: &Path) -> Self {
        Self(directory.into())
    }

    /// Takes the lock. `None` if somebody else has it.
    pub(super) async fn try_lock(&self) -> io::Result<Option<Lock>> {
        self.blocking(|storage| {
            storage.create()?;
            let mut options = OpenOptions::new();
            let file =
                private(options.create(true).write(true).truncate(false)).open(storage.0.join("lock"))?;
            match file.try_lock() {
                Ok(()) => Ok(Some(Lock { _file: file })),
                Err(TryLockError::WouldBlock) => Ok(None),
                Err(TryLockError::Error(error)) => Err(error),
            }
        })
        .await
    }

    /// The credentials of the account with this authority, as JSON.
    pub(super) async fn account(&self, acme: &Acme) -> io::Result<Option<String>> {
        let name = account_of(acme);
        self.blocking(move |storage| storage.read(&name)).await
    }

    pub(super) async fn write_account(&self, acme: &Acme, credentials: String) -> io::Result<()> {
        let name = account_of(acme);
        self.blocking(move |storage| storage.write(&name, credentials.as_bytes())).await
    }

    /// The certificate for the domains. `None` if there is none, or none that can be used.
    pub(super) async fn certificate(&self, acme: &Acme) -> io::Result<Option<Stored>> {
        let (name, domains) = (certificate_of(acme), acme.domains.clone());
        self.blocking(move |storage| Ok(storage.read(&name)?.and_then(|file| Stored::read(&file, &domains))))
            .await
    }

    pub(super) async fn write_certificate(&self, acme: &Acme, issue: &Issue) -> io::Result<()> {
        let (name, file) = (certificate_of(acme), Stored::file(issue));
        self.blocking(move |storage| storage.write(&name, file.as_bytes())).await
    }

    /// What stands on the page of a challenge. `token` is checked: it can't be a path.
    pub(super) async fn token(&self, token: &str) -> Option<String> {
        let name = page_of(token);
        self.blocking(move |storage| storage.read(&name)).await.ok().flatten()
    }

    pub(super) async fn write_token(&self, token: &str, authorization: &str) -> io::Result<()> {
        let (name, text) = (page_of(token), authorization.to_owned());
        self.blocking(move |storage| storage.write(&name, text.as_bytes())).await
    }

    /// Removes a page. That it doesn't wait lets it happen when a proof is dropped.
    pub(super) fn remove_token(&self, token: &str) {
        let file = self.0.join(page_of(token));
        // A file that can't be removed proves nothing any more.
        drop(tokio::task::spawn_blocking(move || fs::remove_file(file)));
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(Self) -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let storage = self.clone();
        tokio::task::spawn_blocking(move || work(storage)).await.map_err(io::Error::other)?
    }

    fn create(&self) -> io::Result<()> {
        let mut directory = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut directory, 0o700);
        directory.recursive(true).create(&self.0)
    }

    fn read(&self, name: &str) -> io::Result<Option<String>> {
        match fs::read_to_string(self.0.join(name)) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn write(&self, name: &str, content: &[u8]) -> io::Result<()> {
        self.create()?;
        let unfinished: PathBuf = self.0.join(format!("{name}.{}.new", std::process::id()));
        let mut file =
            private(OpenOptions::new().create(true).write(true).truncate(true)).open(&unfinished)?;
        file.write_all(content)?;
        file.sync_all()?;
        fs::rename(unfinished, self.0.join(name))
    }
}

/// Files that nobody but their owner may read: they hold keys.
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// The file for an account: there is one for each authority.
fn account_of(acme: &Acme) -> String {
    format!("account-{}.json", short_digest([&acme.directory]))
}

/// The file for a certificate: its first domain, so that people find it, and a digest of authority and domains.
fn certificate_of(acme: &Acme) -> String {
    let first = acme.domains.first().map_or("", String::as_str);
    let digest = short_digest(std::iter::once(&acme.directory).chain(&acme.domains));
    format!("{first}-{digest}.pem")
}

fn page_of(token: &str) -> String {
    format!("challenge-{token}")
}

/// Twelve hexadecimal digits.
fn short_digest<'a>(parts: impl IntoIterator<Item = &'a String>) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part.as_bytes());
        digest.update([0]);
    }
    digest.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}
