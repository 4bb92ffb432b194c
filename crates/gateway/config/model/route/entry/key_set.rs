//! `KeySet`: the public keys that tokens are signed with.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyOperations, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;

use crate::config::Digest;

/// The public keys that tokens are signed with: a JWK Set (RFC 7517 §5), or one public key in PEM.
///
/// A key says which algorithms a token may be signed with. There is none for `none`, and secrets of HMAC are no keys here.
///
/// ```
/// use gateway::config::KeySet;
///
/// let keys: KeySet = r#"{"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "1",
///     "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#.parse()?;
/// assert_eq!(keys.len(), 1);
/// # Ok::<(), gateway::config::InvalidKeys>(())
/// ```
#[derive(Clone)]
pub struct KeySet {
    keys: Arc<[Key]>,
    digest: Digest,
}

/// A public key.
pub(crate) struct Key {
    id: Option<Box<str>>,
    pub(crate) decoding: DecodingKey,
    algorithms: &'static [Algorithm],
}

/// Why a text has no keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidKeys(String);

/// The most keys that a set may have.
const MOST: usize = 100;

/// Those that a key of RSA is for, if it doesn't say which.
const RSA: [Algorithm; 6] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
];
const P256: [Algorithm; 1] = [Algorithm::ES256];
const P384: [Algorithm; 1] = [Algorithm::ES384];
const ED25519: [Algorithm; 1] = [Algorithm::EdDSA];

impl KeySet {
    /// How many keys it has that can be used.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "it is never empty")]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// The key for a token: the one of this id, or the only one that may be meant.
    pub(crate) fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Option<&Key> {
        let fitting = || self.keys.iter().filter(|key| key.algorithms.contains(&algorithm));
        if let Some(id) = id
            && let Some(named) = fitting().find(|key| key.id.as_deref() == Some(id))
        {
            return Some(named);
        }
        let mut meant = fitting().filter(|key| id.is_none() || key.id.is_none());
        meant.next().filter(|_| meant.next().is_none())
    }
}

impl FromStr for KeySet {
    type Err = InvalidKeys;

    fn from_str(text: &str) -> Result<Self, InvalidKeys> {
        let keys = match text.trim_start().starts_with("-----BEGIN") {
            true => {
                pem(text.as_bytes()).map(|key| vec![key]).ok_or_else(|| InvalidKeys::none("public key"))?
            }
            false => jwk_set(text)?,
        };
        Ok(Self { keys: keys.into(), digest: Digest::of(text.as_bytes()) })
    }
}

fn pem(text: &[u8]) -> Option<Key> {
    let of = |decoding, algorithms| Key { id: None, decoding, algorithms };
    if let Ok(key) = DecodingKey::from_rsa_pem(text) {
        return Some(of(key, &RSA));
    }
    if let Ok(key) = DecodingKey::from_ed_pem(text) {
        return Some(of(key, &ED25519));
    }
    let key = DecodingKey::from_ec_pem(text).ok()?;
    // A point that isn't compressed: one byte, and two coordinates.
    let algorithms: &[Algorithm] = match key.try_get_as_bytes().ok()?.len() {
        65 => &P256,
        97 => &P384,
        _ => return None,
    };
    Some(of(key, algorithms))
}

fn jwk_set(text: &str) -> Result<Vec<Key>, InvalidKeys> {
    #[derive(Deserialize)]
    struct Set {
        keys: Vec<Value>,
    }
    let set: Set = serde_json::from_str(text).map_err(|error| {
        InvalidKeys(format!("it is no JWK Set: not valid at line {} of it", error.line()))
    })?;
    if set.keys.len() > MOST {
        return Err(InvalidKeys(format!("it has more than {MOST} keys")));
    }
    // A key that isn't understood is ignored (RFC 7517 §5).
    let keys: Vec<Key> = set.keys.into_iter().filter_map(usable).collect();
    match keys.is_empty() {
        true => Err(InvalidKeys::none("public key for signatures")),
        false => Ok(keys),
    }
}

fn usable(jwk: Value) -> Option<Key> {
    let jwk: Jwk = serde_json::from_value(jwk).ok()?;
    let common = &jwk.common;
    let is_for_signatures = match (&common.public_key_use, &common.key_operations) {
        (Some(usage), _) => *usage == PublicKeyUse::Signature,
        (None, Some(operations)) => operations.contains(&KeyOperations::Verify),
        (None, None) => true,
    };
    let of_its_kind: &'static [Algorithm] = match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => &RSA,
        AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => &P256,
        AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P384 => &P384,
        AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => &ED25519,
        // Among them secrets of HMAC.
        _ => return None,
    };
    let algorithms = match common.key_algorithm {
        None => of_its_kind,
        Some(named) => {
            let algorithm = Algorithm::try_from(named).ok()?;
            let place = of_its_kind.iter().position(|other| *other == algorithm)?;
            of_its_kind.get(place..=place)?
        }
    };
    let decoding = DecodingKey::from_jwk(&jwk).ok().filter(|_| is_for_signatures)?;
    let id = jwk.common.key_id.map(String::into_boxed_str);
    Some(Key { id, decoding, algorithms })
}

impl InvalidKeys {
    fn none(what: &str) -> Self {
        Self(format!("it has no {what} of RSA, P-256, P-384 or Ed25519"))
    }
}

/// Two are the same if they were read from the same text.
impl PartialEq for KeySet {
    fn eq(&self, other: &Self) -> bool {
        self.digest == other.digest
    }
}

impl Eq for KeySet {}

impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeySet").field("len", &self.len()).finish_non_exhaustive()
    }
}

impl fmt::Display for InvalidKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for InvalidKeys {}

#[cfg(test)]
mod tests;
