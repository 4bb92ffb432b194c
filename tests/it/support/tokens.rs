//! An issuer of JSON Web Tokens.

use std::time::{SystemTime, UNIX_EPOCH};

use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

/// A key, and its id.
pub struct Signer {
    id: String,
    algorithm: Algorithm,
    key: EncodingKey,
}

/// Of RFC 8410 §10.3.
const ED25519: &[u8] = b"-----BEGIN PRIVATE KEY-----\n\
    MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";

impl Signer {
    pub fn ed25519(id: &str) -> Self {
        Self::of(id, Algorithm::EdDSA, EncodingKey::from_ed_pem(ED25519).unwrap())
    }

    pub fn p256(id: &str) -> Self {
        let pair = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
        Self::of(id, Algorithm::ES256, EncodingKey::from_ec_pem(pair.serialize_pem().as_bytes()).unwrap())
    }

    pub fn rsa(id: &str) -> Self {
        let size = rcgen::RsaKeySize::_2048;
        let pair = rcgen::KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, size).unwrap();
        Self::of(id, Algorithm::RS256, EncodingKey::from_rsa_pem(pair.serialize_pem().as_bytes()).unwrap())
    }

    fn of(id: &str, algorithm: Algorithm, key: EncodingKey) -> Self {
        Self { id: id.to_owned(), algorithm, key }
    }

    /// The same, with another algorithm for its kind of key.
    pub fn with(self, algorithm: Algorithm) -> Self {
        Self { algorithm, ..self }
    }

    pub fn jwk(&self) -> Value {
        let mut jwk = json!(Jwk::from_encoding_key(&self.key, self.algorithm).unwrap());
        jwk["kid"] = json!(self.id);
        jwk.as_object_mut().unwrap().remove("alg");
        jwk
    }

    /// A token that names the key.
    pub fn sign(&self, claims: &Value) -> String {
        let mut header = Header::new(self.algorithm);
        header.kid = Some(self.id.clone());
        encode(&header, claims, &self.key).unwrap()
    }
}

/// A JWK Set.
pub fn set(signers: &[&Signer]) -> String {
    json!({ "keys": signers.iter().map(|signer| signer.jwk()).collect::<Vec<_>>() }).to_string()
}

/// Seconds since 1970.
pub fn now() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap()
}

/// Claims of `ann` by `https://id.example` for `api`, for five minutes, with these in place of some or besides.
pub fn claims(others: &Value) -> Value {
    let mut claims = json!({ "iss": "https://id.example", "aud": "api", "sub": "ann", "exp": now() + 300 });
    for (name, value) in others.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
}
