//! What is verified of a token.

use std::time::Duration;

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, Validation, decode, decode_header};
use serde_json::{Map, Value};

use super::claims::{Required, Told};
use super::token::Token;
use crate::config::{Jwt, JwtAlgorithm, KeySet};
use crate::route::entry::guard::Granted;
use crate::route::entry::rejection::RejectionKind;

/// What a token has to be, prepared for each algorithm.
#[derive(Debug)]
pub(super) struct Rules {
    by_algorithm: Vec<Validation>,
    has_issuer: bool,
    required: Required,
    told: Told,
}

impl Rules {
    pub(super) fn of(rules: &Jwt) -> Self {
        let all = match rules.algorithms.is_empty() {
            true => &JwtAlgorithm::ALL[..],
            false => &rules.algorithms,
        };
        Self {
            by_algorithm: all.iter().map(|algorithm| validation(rules, algorithm.algorithm())).collect(),
            has_issuer: rules.issuer.is_some(),
            required: Required::of(&rules.required),
            told: Told::of(&rules.headers),
        }
    }

    /// Verifies a token with the one key that it may be signed with.
    pub(super) fn verify(&self, token: &Token, keys: &KeySet) -> Result<Granted, RejectionKind> {
        let header = decode_header(token.bytes()).map_err(|_| RejectionKind::TokenMalformed)?;
        let is_of = |validation: &&Validation| validation.algorithms.contains(&header.alg);
        let validation = self.by_algorithm.iter().find(is_of).ok_or(RejectionKind::TokenKey)?;
        let key = keys.find(header.kid.as_deref(), header.alg).ok_or(RejectionKind::TokenKey)?;
        let claims = decode::<Map<String, Value>>(token.bytes(), &key.decoding, validation)
            .map_err(|error| kind_of(error.kind()))?
            .claims;
        // RFC 7519 §4.1.1: one text, and not a list of which one would do.
        if self.has_issuer && !claims.get("iss").is_some_and(Value::is_string) {
            return Err(RejectionKind::TokenParty);
        }
        if !self.required.are_in(&claims) {
            return Err(RejectionKind::Claims);
        }
        Ok(self.told.grant(&claims))
    }
}

fn validation(rules: &Jwt, algorithm: Algorithm) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.leeway = rules.leeway.min(Duration::from_secs(60 * 60)).as_secs();
    validation.validate_nbf = true;
    let mut required = vec!["exp"];
    if let Some(issuer) = &rules.issuer {
        validation.set_issuer(&[issuer]);
        required.push("iss");
    }
    if !rules.audience.is_empty() {
        validation.set_audience(&rules.audience);
        required.push("aud");
    }
    validation.set_required_spec_claims(&required);
    validation
}

fn kind_of(error: &ErrorKind) -> RejectionKind {
    match error {
        ErrorKind::InvalidSignature => RejectionKind::TokenSignature,
        ErrorKind::ExpiredSignature | ErrorKind::ImmatureSignature => RejectionKind::TokenTime,
        ErrorKind::InvalidIssuer | ErrorKind::InvalidAudience => RejectionKind::TokenParty,
        ErrorKind::MissingRequiredClaim(claim) if claim == "exp" => RejectionKind::TokenTime,
        ErrorKind::MissingRequiredClaim(_) => RejectionKind::TokenParty,
        _ => RejectionKind::TokenMalformed,
    }
}
