//! Where a configuration comes from: its file, the digest of that file, and the other files that it names.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::error::Position;

/// The file that a configuration was read from.
#[derive(Clone, Debug)]
pub struct Origin {
    pub(super) file: Arc<str>,
    pub(super) digest: Digest,
    pub(super) files: Vec<PathBuf>,
    pub(super) masked: Arc<str>,
    /// The places of the keys of the file's first level.
    pub(super) places: Vec<(String, Position)>,
}

impl Origin {
    /// The file, by the name that it was opened or parsed with.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The digest of its bytes.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Its text as TOML, without comments, and with a mask in place of each secret.
    #[must_use]
    pub fn masked(&self) -> &str {
        &self.masked
    }

    /// The other files that were read for it, such as certificates and secrets.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.files.iter().map(PathBuf::as_path)
    }

    /// Where a key of the first level stands, as `file:line:column`.
    pub(crate) fn place_of(&self, key: &str) -> Option<String> {
        let (_, Position { line, column }) = self.places.iter().find(|(name, _)| name == key)?;
        Some(format!("{}:{line}:{column}", self.file))
    }
}

/// A SHA-256 digest. Displays as `sha256sum` prints it; `{:.12}` shows its first 12 digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of these pieces, each with its length before it, so that no two lists have the same one.
    #[cfg(feature = "tls")]
    pub(super) fn of_pieces<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut hash = Sha256::new();
        for piece in pieces {
            hash.update((piece.len() as u64).to_be_bytes());
            hash.update(piece);
        }
        Self(hash.finalize().into())
    }

    pub(super) fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits: String = self.0.iter().map(|byte| format!("{byte:02x}")).collect();
        f.pad(&digits)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_what_sha256sum_prints() {
        let digest = Digest::of(b"abc");
        assert_eq!(digest.to_string(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(format!("{digest:.12}"), "ba7816bf8f01");
    }
}
