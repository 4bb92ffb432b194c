//! The decision about a request, apart from the service.

use std::net::IpAddr;
use std::time::{Instant, SystemTime};

use http::{HeaderMap, Request};

use crate::accepted::Accepted;
use crate::audit;
use crate::credential::Credential;
use crate::rejection::Rejection;
use crate::throttle::Throttle;
use crate::token::{AdminToken, Match, TokenSet};

#[derive(Clone, Debug)]
pub(crate) struct Gate {
    tokens: TokenSet,
    pub(crate) credential: Credential,
    pub(crate) throttle: Option<Throttle>,
}

/// The two clocks that a decision needs, each read once. Tokens expire by the system's clock. The throttle uses the
/// monotonic clock, so that a change of the system's time has no effect on it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Now {
    pub(crate) wall: SystemTime,
    pub(crate) monotonic: Instant,
}

impl Gate {
    pub(crate) fn new(tokens: TokenSet) -> Self {
        if tokens.is_empty() {
            audit::no_tokens();
        }
        Self { tokens, credential: Credential::default(), throttle: None }
    }

    pub(crate) fn with_tokens(&self, tokens: TokenSet) -> Self {
        let Self { credential, throttle, .. } = self.clone();
        Self { credential, throttle, ..Self::new(tokens) }
    }

    /// Decides whether the request is let through. If so, its credential is removed and its token's label is added;
    /// otherwise the reason is returned.
    pub(crate) fn admit<B>(&self, request: &mut Request<B>, now: Now) -> Result<(), Rejection> {
        let peer = self.throttle.as_ref().and_then(|throttle| throttle.peer(request.extensions()));
        let verdict = self.judge(request.headers_mut(), now.wall);
        match self.govern(peer, verdict, now.monotonic) {
            Ok(token) => {
                audit::accepted(request, peer, token);
                Accepted::note(token, request.extensions_mut());
                Ok(())
            }
            Err(rejection) => {
                audit::refused(request, peer, &rejection);
                Err(rejection)
            }
        }
    }

    fn judge(&self, headers: &mut HeaderMap, now: SystemTime) -> Result<&AdminToken, Rejection> {
        let presented = self.credential.take(headers)?;
        match self.tokens.find(&presented, now) {
            Match::Live(token) => Ok(token),
            Match::Expired(token) => Err(Rejection::expired(token)),
            Match::Unknown => Err(Rejection::UNKNOWN),
        }
    }

    fn govern<T>(
        &self,
        peer: Option<IpAddr>,
        verdict: Result<T, Rejection>,
        now: Instant,
    ) -> Result<T, Rejection> {
        match (&self.throttle, peer) {
            (Some(throttle), Some(peer)) => throttle.govern(peer, verdict, now),
            _ => verdict,
        }
    }
}

impl Now {
    pub(crate) fn read() -> Self {
        Self { wall: SystemTime::now(), monotonic: Instant::now() }
    }
}

#[cfg(test)]
mod tests;
