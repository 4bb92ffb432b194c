use std::net::IpAddr;
use std::sync::Arc;

use http::Extensions;
use tower_layer::Layer;

use crate::credential::Credential;
use crate::gate::Gate;
use crate::service::AdminAuth;
use crate::throttle::Throttle;
use crate::token::TokenSet;

/// Lets only requests with an admin token through to the service under it.
///
/// The [crate's documentation](crate) has a table of what is refused, and with which status.
///
/// All services that one layer and its clones make share their count of wrong tries.
#[derive(Clone, Debug)]
#[must_use]
pub struct AdminAuthLayer {
    gate: Gate,
}

impl AdminAuthLayer {
    /// A gate for `tokens`, which requests carry in the header `X-Admin-Token`.
    ///
    /// If the set is empty every request is refused, and this call logs a warning.
    pub fn new(tokens: impl Into<TokenSet>) -> Self {
        Self { gate: Gate::new(tokens.into()) }
    }

    /// The same gate for other tokens. Both count wrong tries together, so that nobody gets new ones by a rotation.
    pub fn with_tokens(&self, tokens: impl Into<TokenSet>) -> Self {
        Self { gate: self.gate.with_tokens(tokens.into()) }
    }

    /// Sets where requests carry the token, instead of `X-Admin-Token`.
    pub fn credential(mut self, credential: Credential) -> Self {
        self.gate.credential = credential;
        self
    }

    /// Answers 429 to a peer that had 10 wrong tries within a minute, for a minute from the tenth on. Off by
    /// default.
    ///
    /// `peer` reads the peer's address from the request's extensions, where the server has put it. It must be an
    /// address that the peer can't choose: not one from a header, unless a proxy of yours has written it. If it
    /// returns `None`, only the token decides. A peer is one IPv4 address or one IPv6 /64.
    ///
    /// While a peer is locked out its right tokens are refused too, because otherwise a guesser could go on
    /// guessing. If many users come from one address, as behind a load balancer, have `peer` return each user's own
    /// address, as the load balancer reports it, or leave the throttle off.
    pub fn throttle_by<F>(mut self, peer: F) -> Self
    where
        F: Fn(&Extensions) -> Option<IpAddr> + Send + Sync + 'static,
    {
        self.gate.throttle = Some(Throttle::new(peer));
        self
    }
}

impl<S> Layer<S> for AdminAuthLayer {
    type Service = AdminAuth<S>;

    fn layer(&self, inner: S) -> Self::Service {
        AdminAuth::new(inner, Arc::new(self.gate.clone()))
    }
}
