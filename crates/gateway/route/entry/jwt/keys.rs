//! `Keys`: where the keys come from.

use std::sync::Arc;
use std::time::Duration;

use super::fetch::Fetch;
use super::fetched::Fetched;
use crate::config::{JwtKeys, KeySet};
use crate::route::entry::asking::Trust;

/// How long a request waits for newer keys.
pub(super) const PATIENCE: Duration = Duration::from_secs(3);

/// The keys for tokens. Clones are the same.
#[derive(Clone, Debug)]
pub(in crate::route::entry) enum Keys {
    /// Of a file, which was read with the configuration.
    File(KeySet),
    /// Of a URL.
    Url(Arc<Fetched>),
}

impl Keys {
    pub(in crate::route::entry) fn of(keys: &JwtKeys) -> Self {
        match keys {
            JwtKeys::File(keys) => Self::File(keys.clone()),
            JwtKeys::Url {
                url,
                refresh,
                #[cfg(feature = "tls")]
                tls,
            } => {
                #[cfg(feature = "tls")]
                let trust = Trust::of(tls.as_ref());
                #[cfg(not(feature = "tls"))]
                let trust = Trust::default();
                Self::Url(Arc::new(Fetched::new(Fetch::new(url, trust), *refresh)))
            }
        }
    }

    /// Those that are known now.
    pub(super) fn now(&self) -> Option<KeySet> {
        match self {
            Self::File(keys) => Some(keys.clone()),
            Self::Url(fetched) => fetched.keys(),
        }
    }

    /// Whether there may be newer ones, and it's time to ask for them.
    pub(super) fn may_be_older(&self) -> bool {
        match self {
            Self::File(_) => false,
            Self::Url(fetched) => fetched.may_be_older(),
        }
    }

    /// Waits until they were asked for, or for a while.
    pub(super) async fn renewed(&self) {
        if let Self::Url(fetched) = self {
            fetched.renewed(PATIENCE).await;
        }
    }

    /// Asks for newer ones, again and again. Ends at once if they are of a file.
    pub(in crate::route::entry) async fn fetch(&self) {
        if let Self::Url(fetched) = self {
            fetched.run().await;
        }
    }
}
