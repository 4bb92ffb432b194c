//! Who may enter a route.

use http::HeaderName;
use ipnet::IpNet;

use crate::config::secret::AdminTokenSpec;

pub use basic_auth::BasicAuth;
pub use forward_auth::ForwardAuth;
#[cfg(feature = "jwt")]
pub use jwt::{Jwt, JwtKeys, RequiredClaim};
#[cfg(feature = "jwt")]
pub use jwt_algorithm::JwtAlgorithm;
#[cfg(feature = "jwt")]
pub use key_set::{InvalidKeys, KeySet};
pub use service_url::{InvalidServiceUrl, ServiceUrl};
pub use users::{InvalidUsers, Users};

mod basic_auth;
mod forward_auth;
#[cfg(feature = "jwt")]
mod jwt;
#[cfg(feature = "jwt")]
mod jwt_algorithm;
#[cfg(feature = "jwt")]
mod key_set;
mod password;
mod service_url;
mod users;

/// How many of those that ask whoever wants to enter have to be content.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Satisfy {
    /// All.
    #[default]
    All,
    /// One of `allow`, `basic_auth`, `jwt` and `forward_auth`; and all others.
    Any,
}

/// Who may enter a route. Default: everyone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// The tokens that open the route's gate; never an empty list. Default: `None`, no gate.
    pub admin_tokens: Option<Vec<AdminTokenSpec>>,
    /// The networks that clients may come from. Default: none, which is all.
    pub allow: Vec<IpNet>,
    /// The networks that clients may not come from, also within those of [`allow`](Self::allow). Default: none.
    pub deny: Vec<IpNet>,
    /// The users that may enter, each with a password. Default: `None`, nobody is asked for one.
    pub basic_auth: Option<BasicAuth>,
    /// The JSON Web Tokens that open it. Default: `None`, nobody is asked for one.
    #[cfg(feature = "jwt")]
    pub jwt: Option<Box<Jwt>>,
    /// The service that is asked about each request. Default: `None`.
    pub forward_auth: Option<Box<ForwardAuth>>,
    /// How many of them have to be content. Default: all.
    pub satisfy: Satisfy,
}

impl Entry {
    /// Whether not everyone may enter.
    pub fn is_gated(&self) -> bool {
        // Every field is named here, so that a new one isn't forgotten.
        let Self {
            admin_tokens,
            allow,
            deny,
            basic_auth,
            #[cfg(feature = "jwt")]
            jwt,
            forward_auth,
            satisfy: _,
        } = self;
        #[cfg(feature = "jwt")]
        let asks_for_jwt = jwt.is_some();
        #[cfg(not(feature = "jwt"))]
        let asks_for_jwt = false;
        admin_tokens.is_some()
            || !allow.is_empty()
            || !deny.is_empty()
            || basic_auth.is_some()
            || asks_for_jwt
            || forward_auth.is_some()
    }

    /// The fields in which the pool is told who the client is. Nobody else can set them.
    pub(crate) fn identity_fields(&self) -> impl Iterator<Item = HeaderName> {
        let by_name = self.basic_auth.iter().filter_map(|basic| basic.header.clone());
        let copied = self.forward_auth.iter().flat_map(|forward| forward.copy.iter().cloned());
        #[cfg(feature = "jwt")]
        let claimed = self.jwt.iter().flat_map(|jwt| jwt.headers.iter().map(|(name, _)| name.clone()));
        #[cfg(not(feature = "jwt"))]
        let claimed = None;
        by_name.chain(copied).chain(claimed)
    }
}
