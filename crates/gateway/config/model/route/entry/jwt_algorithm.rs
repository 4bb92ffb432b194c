//! `JwtAlgorithm`: how a token may be signed.

use jsonwebtoken::Algorithm;

/// An algorithm that a token may be signed with (RFC 7518 §3.1, RFC 8037 §3.1). All of them have public keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JwtAlgorithm(Algorithm);

impl JwtAlgorithm {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self(Algorithm::RS256),
        Self(Algorithm::RS384),
        Self(Algorithm::RS512),
        Self(Algorithm::PS256),
        Self(Algorithm::PS384),
        Self(Algorithm::PS512),
        Self(Algorithm::ES256),
        Self(Algorithm::ES384),
        Self(Algorithm::EdDSA),
    ];

    /// Its name in the registry of RFC 7518 §7.1.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self.0 {
            Algorithm::RS256 => "RS256",
            Algorithm::RS384 => "RS384",
            Algorithm::RS512 => "RS512",
            Algorithm::PS256 => "PS256",
            Algorithm::PS384 => "PS384",
            Algorithm::PS512 => "PS512",
            Algorithm::ES256 => "ES256",
            Algorithm::ES384 => "ES384",
            _ => "EdDSA",
        }
    }

    pub(crate) fn algorithm(self) -> Algorithm {
        self.0
    }
}
