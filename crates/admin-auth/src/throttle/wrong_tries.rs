use std::net::IpAddr;
use std::time::{Duration, Instant};

use super::peer::Peer;
use super::table::Table;

/// Counts the wrong tries of peers: ten within a minute lock a peer out for a minute, from the tenth on.
///
/// It is what [`AdminAuthLayer::throttle_by`](crate::AdminAuthLayer::throttle_by) counts with, for gates of your own that
/// ask for other credentials. It takes no lock and 64 KiB, from the first wrong try on, and never grows. A peer is one
/// IPv4 address or one IPv6 /64.
///
/// ```
/// use std::time::Instant;
/// use admin_auth::WrongTries;
///
/// let tries = WrongTries::new();
/// let (guesser, bystander) = ([192, 0, 2, 1].into(), [192, 0, 2, 2].into());
/// for _ in 0..10 {
///     assert_eq!(tries.count(guesser, Instant::now()), None);
/// }
/// assert!(tries.lockout(guesser, Instant::now()).is_some());
/// assert!(tries.lockout(bystander, Instant::now()).is_none());
/// ```
#[derive(Debug)]
pub struct WrongTries {
    table: Table,
    epoch: Instant,
}

impl WrongTries {
    /// No tries yet.
    #[must_use]
    pub fn new() -> Self {
        Self { table: Table::new(), epoch: Instant::now() }
    }

    /// How long a peer is still locked out, in whole seconds and at least one. `None` if it isn't.
    #[must_use]
    pub fn lockout(&self, peer: IpAddr, now: Instant) -> Option<Duration> {
        self.table.lockout(&Peer::from(peer), self.seconds(now))
    }

    /// Counts a wrong try. If the peer was locked out before, counts nothing and returns how long it still is.
    pub fn count(&self, peer: IpAddr, now: Instant) -> Option<Duration> {
        self.table.wrong_try(&Peer::from(peer), self.seconds(now))
    }

    fn seconds(&self, now: Instant) -> u32 {
        now.saturating_duration_since(self.epoch).as_secs().try_into().unwrap_or(u32::MAX)
    }
}

impl Default for WrongTries {
    fn default() -> Self {
        Self::new()
    }
}
