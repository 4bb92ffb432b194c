//! Names and passwords (RFC 7617).
//!
//! To check a password takes as long as its hash was made to take, so it's done on threads of its own, of which there are
//! few. Right ones are remembered, so that it is done once for each user. Who has tried wrong ones too often has to wait.

mod check;
mod hashing;
mod pair;
mod remembered;
#[cfg(test)]
mod tests;

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use http::request::Parts;
use http::{Extensions, HeaderName, HeaderValue};

use self::check::{Asker, Known};
pub use self::hashing::Hashing;
use self::pair::Pair;
use super::addresses::AddressOf;
use super::credential::{self, Afterwards};
use super::guard::{Guard, Verdict};
use super::identity;
use super::rejection::Rejection;
use crate::config::Users;
use crate::peer;

/// Lets in users with their passwords.
///
/// A client that has had ten wrong tries within a minute is answered 429 for a minute, with right passwords too. Its
/// address is that of the client that a trusted proxy names, or else that of the [`Peer`](proxy_service::Peer).
///
/// It is put in front of a service by a [`GuardLayer`](super::GuardLayer), whose documentation has an example. It must run
/// on a tokio runtime.
pub struct BasicAuth {
    known: Arc<Known>,
    challenge: HeaderValue,
    header: Vec<HeaderName>,
    afterwards: Afterwards,
    address_of: Box<AddressOf>,
}

impl BasicAuth {
    /// Lets in these users.
    #[must_use]
    pub fn new(users: Users) -> Self {
        Self {
            known: Arc::new(Known::new(users, Hashing::default())),
            challenge: challenge("restricted"),
            header: Vec::new(),
            afterwards: Afterwards::Removed,
            address_of: Box::new(peer::client_ip),
        }
    }

    /// Sets what browsers show when they ask for the password. `"` and `\` are left out of it, and what isn't printable
    /// ASCII.
    #[must_use]
    pub fn realm(self, realm: &str) -> Self {
        Self { challenge: challenge(realm), ..self }
    }

    /// Tells the service behind the user's name in this header field. What clients send in it is removed.
    #[must_use]
    pub fn tell_in(self, header: HeaderName) -> Self {
        Self { header: vec![header], ..self }
    }

    /// Passes `Authorization` on to the service behind. By default it doesn't get the password.
    #[must_use]
    pub fn forward(self) -> Self {
        Self { afterwards: Afterwards::GivenBack, ..self }
    }

    /// Checks passwords on these threads, which several guards may share. By default it has its own.
    #[must_use]
    pub fn on(self, hashing: Hashing) -> Self {
        let users = self.known.users().clone();
        Self { known: Arc::new(Known::new(users, hashing)), ..self }
    }

    /// Sets where the client's address is found, by which wrong tries are counted. It must be one that a client can't
    /// choose.
    #[must_use]
    pub fn found_by(self, find: impl Fn(&Extensions) -> Option<IpAddr> + Send + Sync + 'static) -> Self {
        Self { address_of: Box::new(find), ..self }
    }
}

impl Guard for BasicAuth {
    fn examine(&self, head: &mut Parts) -> Verdict {
        identity::remove(&mut head.headers, &self.header);
        let presented = credential::take(&mut head.headers, "basic");
        let pair = match Pair::of(&presented) {
            Ok(pair) => pair,
            Err(kind) => return Rejection::new(kind).challenging(self.challenge.clone()).into(),
        };
        let is_given_back = self.afterwards == Afterwards::GivenBack;
        let asker = Asker {
            address: (self.address_of)(&head.extensions),
            header: self.header.first().cloned(),
            given_back: presented.line().filter(|_| is_given_back).cloned(),
            challenge: self.challenge.clone(),
        };
        Arc::clone(&self.known).examine(pair, asker)
    }
}

impl fmt::Debug for BasicAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BasicAuth").field("users", self.known.users()).finish_non_exhaustive()
    }
}

fn challenge(realm: &str) -> HeaderValue {
    let plain: String = realm.chars().filter(|c| matches!(c, ' '..='~') && !"\"\\".contains(*c)).collect();
    let text = format!("Basic realm=\"{plain}\", charset=\"UTF-8\"");
    HeaderValue::from_str(&text).expect("it is printable ASCII")
}
