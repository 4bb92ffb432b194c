use std::net::IpAddr;
use std::sync::Arc;

use http::Extensions;
use tower_layer::Layer;

use crate::credential::Credential;
use crate::gate::Gate;
use crate::service::AdminAuth;
use crate::throttle::Throttle;
use crate::token::TokenSet;

/// Lets a request through to the service under it only with an admin token.
///
/// See the [crate docs](crate) for what is refused, and how.
///
/// All services made by one layer, and by its clones, count wrong tries together.
#[derive(Clone, Debug)]
#[must_use]
pub struct AdminAuthLayer {
    gate: Gate,
}

impl AdminAuthLayer {
    /// A gate that opens to any of `tokens`, given in an `X-Admin-Token` header.
    ///
    /// With an empty set every request is refused, and a warning is logged here.
    pub fn new(tokens: impl Into<TokenSet>) -> Self {
        Self { gate: Gate::new(tokens.into()) }
    }

    /// Where requests carry the token, instead of `X-Admin-Token`.
    pub fn credential(mut self, credential: Credential) -> Self {
        self.gate.credential = credential;
        self
    }

    /// Answers 429 to a peer with 10 wrong tries behind it, for a minute from the tenth.
    ///
    /// `peer` reads the peer's address from the request's extensions, where the server put it. It must be an address
    /// that the peer can't choose: not one from a header, unless a proxy of yours wrote it. Where it answers `None`,
    /// the request is judged by its token alone. A peer is one IPv4 address or one IPv6 /64. While it is locked out
    /// its right tokens are refused too, or a guesser would learn from the answer; so where many users come from one
    /// address, as behind a load balancer, name them by something finer or leave the throttle off.
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
