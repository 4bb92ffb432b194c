//! Which generation runs, and why the last change was refused.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use arc_swap::ArcSwap;
use humantime::format_rfc3339_seconds;

use crate::config::Digest;

/// The generation that runs. Its `Display` is what the page for health says. Of a refusal, that is the first line: the
/// others quote the file.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Status {
    /// Its number. The gateway starts with 1.
    pub generation: u64,
    /// The digest of its file. `None` if a program made its configuration.
    pub digest: Option<Digest>,
    /// Since when it runs.
    pub since: SystemTime,
    /// The last attempt to change it, if that was refused.
    pub refused: Option<Refused>,
}

/// An attempt to change the configuration that was refused.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Refused {
    /// When.
    pub at: SystemTime,
    /// Why. It never holds a secret, but may quote lines of the file.
    pub why: Arc<str>,
}

impl Status {
    pub(super) fn first(digest: Option<Digest>) -> Self {
        Self { generation: 1, digest, since: SystemTime::now(), refused: None }
    }

    /// The status after a configuration with this digest was applied.
    pub(super) fn next(&self, digest: Option<Digest>) -> Self {
        Self { generation: self.generation + 1, ..Self::first(digest) }
    }

    /// The status after one that says the same was read from a file with this digest.
    pub(super) fn renamed(&self, digest: Option<Digest>) -> Self {
        Self { digest, refused: None, ..self.clone() }
    }

    pub(super) fn refusing(&self, why: &str) -> Self {
        Self { refused: Some(Refused { at: SystemTime::now(), why: why.into() }), ..self.clone() }
    }
}

/// The status that runs now.
pub(crate) type Statuses = Arc<ArcSwap<Status>>;

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "generation {}", self.generation)?;
        if let Some(digest) = self.digest {
            write!(f, ", sha256 {digest:.12}")?;
        }
        writeln!(f, ", since {}", format_rfc3339_seconds(self.since))?;
        if let Some(Refused { at, why }) = &self.refused {
            let what = why.lines().next().unwrap_or_default();
            writeln!(f, "refused at {}: {what}", format_rfc3339_seconds(*at))?;
        }
        Ok(())
    }
}
