//! The check of a name and a password, which is done once for each user.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use admin_auth::WrongTries;
use http::header::AUTHORIZATION;
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
    /// The value of `Authorization`, if the service behind gets it.
    pub(super) given_back: Option<HeaderValue>,
    pub(super) challenge: HeaderValue,
}

/// A pair is wrong. Its client may be locked out for it.
struct Wrong {
    lockout: Option<Duration>,
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
        let address = asker.address;
        let check = move || (self.verify(&pair, mark, address), pair);
        let (verified, pair) = turn.check(check).await.map_err(busy)?;
        match verified {
            Ok(()) => asker.welcome(&pair),
            Err(Wrong { lockout }) => Err(lockout.map_or_else(|| asker.wrong(), throttled)),
        }
    }

    /// Verifies a pair and notes what comes of it, also if the client that has sent it is gone by then.
    fn verify(&self, pair: &Pair, mark: Mark, address: Option<IpAddr>) -> Result<(), Wrong> {
        if self.users.verify(pair.name(), pair.password()) {
            self.remembered.keep(mark);
            return Ok(());
        }
        Err(Wrong { lockout: address.and_then(|address| self.tries.count(address, Instant::now())) })
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
        let told = self.header.iter().map(|header| (header.clone(), name.clone()));
        let given_back = self.given_back.iter().map(|value| (AUTHORIZATION, value.clone()));
        Ok(granted.fields(told.chain(given_back)))
    }

    fn wrong(&self) -> Rejection {
        Rejection::new(RejectionKind::CredentialsWrong).challenging(self.challenge.clone())
    }
}
