//! The check of a name and a password, which is done once for each user.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use admin_auth::WrongTries;
use http::{HeaderName, HeaderValue};

use super::hashing::{Busy, Hashing};
use super::pair::Pair;
use super::remembered::{Mark, Remembered};
use crate::config::Users;
use crate::route::entered::Entered;
use crate::route::entry::guard::{Granted, Verdict};
use crate::route::entry::rejection::{Rejection, RejectionKind};

/// After how long a client may try again if too many passwords are being checked.
const PAUSE: Duration = Duration::from_secs(1);

/// The users, and what is known of who has asked.
#[derive(Debug)]
pub(super) struct Known {
    users: Users,
    hashing: Hashing,
    remembered: Remembered,
    tries: WrongTries,
}

/// Who asks, and how it is to be answered.
pub(super) struct Asker {
    pub(super) address: Option<IpAddr>,
    /// The field in which the service behind is told the name.
    pub(super) header: Option<HeaderName>,
    pub(super) challenge: HeaderValue,
}

impl Known {
    pub(super) fn new(users: Users, hashing: Hashing) -> Self {
        Self { users, hashing, remembered: Remembered::new(), tries: WrongTries::new() }
    }

    pub(super) fn users(&self) -> &Users {
        &self.users
    }

    pub(super) fn examine(self: Arc<Self>, pair: Pair, asker: Asker) -> Verdict {
        if let Err(rejection) = self.slow_down(&asker) {
            return rejection.into();
        }
        let mark = self.remembered.mark(&pair);
        if self.remembered.has(&mark) {
            return asker.welcome(&pair).into();
        }
        Verdict::later(self.check(pair, mark, asker))
    }

    async fn check(self: Arc<Self>, pair: Pair, mark: Mark, asker: Asker) -> Result<Granted, Rejection> {
        let busy = |Busy| Rejection::new(RejectionKind::Busy).after(PAUSE);
        let turn = self.hashing.turn().await.map_err(busy)?;
        // Another request may have had the same pair, or the same client other ones.
        self.slow_down(&asker)?;
        if self.remembered.has(&mark) {
            return asker.welcome(&pair);
        }
        let users = self.users.clone();
        let check = move || (users.verify(pair.name(), pair.password()), pair);
        let (is_right, pair) = turn.check(check).await.map_err(busy)?;
        if is_right {
            self.remembered.keep(mark);
            return asker.welcome(&pair);
        }
        let lockout = asker.address.and_then(|address| self.tries.count(address, Instant::now()));
        Err(lockout.map_or_else(|| asker.wrong(), throttled))
    }

    /// Refuses a client that has had too many wrong tries.
    fn slow_down(&self, asker: &Asker) -> Result<(), Rejection> {
        let lockout = asker.address.and_then(|address| self.tries.lockout(address, Instant::now()));
        lockout.map_or(Ok(()), |wait| Err(throttled(wait)))
    }
}

fn throttled(wait: Duration) -> Rejection {
    Rejection::new(RejectionKind::Throttled).after(wait)
}

impl Asker {
    fn welcome(&self, pair: &Pair) -> Result<Granted, Rejection> {
        // Names of users are printable ASCII.
        let name = HeaderValue::from_str(pair.name()).map_err(|_| self.wrong())?;
        let granted = Granted::default().to(Entered::new(format!("basic:{}", pair.name())));
        Ok(match &self.header {
            Some(header) => granted.field(header.clone(), name),
            None => granted,
        })
    }

    fn wrong(&self) -> Rejection {
        Rejection::new(RejectionKind::CredentialsWrong).challenging(self.challenge.clone())
    }
}
