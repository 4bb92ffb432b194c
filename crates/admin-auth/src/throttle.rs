//! The throttle: 429 for a peer with too many wrong tries.

mod entry;
mod peer;
mod table;
mod wrong_tries;

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use http::Extensions;

pub use self::wrong_tries::WrongTries;
use crate::rejection::{Rejection, RejectionKind};

type PeerOf = dyn Fn(&Extensions) -> Option<IpAddr> + Send + Sync;

/// Finds a request's peer, and counts the wrong tries of each. Clones share the counts.
#[derive(Clone)]
pub(crate) struct Throttle {
    peer_of: Arc<PeerOf>,
    tries: Arc<WrongTries>,
}

impl Throttle {
    pub(crate) fn new<F>(peer_of: F) -> Self
    where
        F: Fn(&Extensions) -> Option<IpAddr> + Send + Sync + 'static,
    {
        Self { peer_of: Arc::new(peer_of), tries: Arc::default() }
    }

    pub(crate) fn peer(&self, extensions: &Extensions) -> Option<IpAddr> {
        (self.peer_of)(extensions)
    }

    /// Counts a wrong try, and replaces the verdict if the peer had too many.
    ///
    /// A right token is refused then, too: if it got through, the throttle wouldn't slow down a guesser. A request
    /// without a token is not a try.
    pub(crate) fn govern<T>(
        &self,
        peer: IpAddr,
        verdict: Result<T, Rejection>,
        now: Instant,
    ) -> Result<T, Rejection> {
        let lockout = match &verdict {
            Ok(_) => self.tries.lockout(peer, now),
            Err(rejection) if rejection.kind() == RejectionKind::Missing => None,
            Err(_) => self.tries.count(peer, now),
        };
        lockout.map_or(verdict, |remaining| Err(Rejection::throttled(remaining)))
    }
}

impl fmt::Debug for Throttle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Throttle").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
