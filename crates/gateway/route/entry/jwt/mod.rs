//! JSON Web Tokens (RFC 7519), as bearer tokens (RFC 6750) or in a cookie.
//!
//! - `token`: where a request has its token.
//! - `verify`: signature, time, issuer and audience.
//! - `claims`: what a token has to say besides, and what of it the service behind is told.
//! - `keys`: where the keys come from. `fetched`, `fetch`: those of a URL. `unverified`: in a rehearsal there are none.

mod claims;
mod fetch;
mod fetched;
mod keys;
mod token;
mod unverified;
mod verify;

use std::fmt;
use std::sync::Arc;

use http::request::Parts;
use http::{HeaderName, HeaderValue};

pub(super) use self::keys::Keys;
use self::token::{Place, Token};
pub(super) use self::unverified::Unverified;
use self::verify::Rules;
use super::guard::{Granted, Guard, Verdict};
use super::identity;
use super::rejection::{Rejection, RejectionKind};
use crate::config::Jwt;

/// Lets in whoever has a JSON Web Token that is signed with one of the keys, and says what it has to say.
///
/// A token is verified with the one key that it names, and with an algorithm that this key is for: `none`, and secrets in
/// place of public keys, can't be.
///
/// ```
/// use gateway::config::{Jwt, JwtKeys};
/// use gateway::route::entry::{GuardLayer, JwtAuth};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let keys = r#"{"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;
/// let rules = Jwt {
///     issuer: Some("https://id.example".to_owned()),
///     audience: vec!["api".to_owned()],
///     headers: vec![("x-user".parse()?, "sub".to_owned())],
///     ..Jwt::from(JwtKeys::File(keys.parse()?))
/// };
/// let guard = JwtAuth::new(&rules);
/// tokio::spawn(guard.fetching());     // for keys of a URL; those of a file are there
/// let layer = GuardLayer::new(guard);
/// # Ok(())
/// # }
/// ```
pub struct JwtAuth {
    keys: Keys,
    rules: Arc<Rules>,
    place: Place,
    /// The fields in which the service behind is told claims.
    told: Vec<HeaderName>,
}

const MISSING: &str = r#"Bearer realm="restricted""#;
const INVALID: &str = r#"Bearer realm="restricted", error="invalid_token""#;
const INSUFFICIENT: &str = r#"Bearer realm="restricted", error="insufficient_scope""#;

impl JwtAuth {
    /// Lets in tokens by these rules. Keys of a URL aren't fetched before [`fetching`](Self::fetching) runs.
    #[must_use]
    pub fn new(rules: &Jwt) -> Self {
        Self::with_keys(rules, Keys::of(&rules.keys))
    }

    pub(super) fn with_keys(rules: &Jwt, keys: Keys) -> Self {
        Self {
            keys,
            rules: Arc::new(Rules::of(rules)),
            place: Place::of(rules),
            told: rules.headers.iter().map(|(name, _)| name.clone()).collect(),
        }
    }

    /// Fetches the keys from their URL, again and again, for as long as it is polled: end its task together with the guard.
    /// It ends at once if they are from a file.
    pub fn fetching(&self) -> impl Future<Output = ()> + Send + use<> {
        let keys = self.keys.clone();
        async move { keys.fetch().await }
    }
}

impl Guard for JwtAuth {
    fn examine(&self, head: &mut Parts) -> Verdict {
        identity::remove(&mut head.headers, &self.told);
        let token = match self.place.take(&mut head.headers) {
            Ok(token) => token,
            Err(kind) => return rejection(kind).into(),
        };
        match self.keys.now() {
            Some(keys) => match self.rules.verify(&token, &keys) {
                Err(RejectionKind::TokenKey) if self.keys.may_be_older() => {}
                Ok(granted) => return token.give_back(granted).into(),
                Err(kind) => return rejection(kind).into(),
            },
            None if self.keys.may_be_older() => {}
            None => return rejection(RejectionKind::KeysUnknown).into(),
        }
        let (keys, rules) = (self.keys.clone(), Arc::clone(&self.rules));
        Verdict::later(async move { once_newer(token, &keys, &rules).await.map_err(rejection) })
    }
}

/// Verifies a token whose key isn't known, or of which none is known yet, with newer ones.
async fn once_newer(token: Token, keys: &Keys, rules: &Rules) -> Result<Granted, RejectionKind> {
    keys.renewed().await;
    let newer = keys.now().ok_or(RejectionKind::KeysUnknown)?;
    rules.verify(&token, &newer).map(|granted| token.give_back(granted))
}

fn rejection(kind: RejectionKind) -> Rejection {
    let rejection = Rejection::new(kind);
    let challenge = match kind {
        RejectionKind::KeysUnknown => return rejection.after(keys::PATIENCE),
        RejectionKind::TokenMissing => MISSING,
        RejectionKind::Claims => INSUFFICIENT,
        _ => INVALID,
    };
    rejection.challenging(HeaderValue::from_static(challenge))
}

impl fmt::Debug for JwtAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtAuth").field("keys", &self.keys).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
