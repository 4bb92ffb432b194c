//! `Password`: the hash of a password.

use std::str::FromStr;

use argon2::password_hash::PasswordVerifier as _;
use argon2::{Argon2, Params, PasswordHash};
use bcrypt::HashParts;

/// The hash of a password.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Password {
    /// bcrypt, with its cost: the binary logarithm of its rounds.
    Bcrypt { hash: Box<str>, cost: u32 },
    /// Argon2, with the KiB that it writes to.
    Argon2 { hash: Box<PasswordHash>, written: u64 },
}

/// Why a text is no hash of a password.
pub(super) struct InvalidPassword {
    pub(super) why: &'static str,
    pub(super) expected: &'static str,
}

const HASHES: &str = "bcrypt ($2y$..., as `htpasswd -B` makes it) or Argon2 ($argon2id$...)";
/// bcrypt of this cost takes about two seconds.
const HIGHEST_COST: u32 = 15;
const COST: &str = "a cost of 4 to 15";
/// In KiB.
const MOST_MEMORY: u32 = 256 << 10;
/// In KiB, over all passes. They take about two seconds.
const MOST_WRITTEN: u64 = 2 << 20;
const ARGON2_COST: &str = "Argon2 with at most 256 MiB, and 2 GiB over all its passes";
/// In the time of a round of bcrypt, Argon2 writes about so many KiB.
const KIB_IN_A_ROUND: u64 = 85;

impl Password {
    pub(super) fn verify(&self, password: &[u8]) -> bool {
        match self {
            Self::Bcrypt { hash, .. } => bcrypt::verify(password, hash).unwrap_or(false),
            Self::Argon2 { hash, .. } => Argon2::default().verify_password(password, &**hash).is_ok(),
        }
    }

    /// How long it takes to check, to compare it with that of others: in KiB that Argon2 would write.
    pub(super) fn cost(&self) -> u64 {
        match self {
            Self::Bcrypt { cost, .. } => KIB_IN_A_ROUND << cost,
            Self::Argon2 { written, .. } => *written,
        }
    }
}

impl FromStr for Password {
    type Err = InvalidPassword;

    fn from_str(text: &str) -> Result<Self, InvalidPassword> {
        let refuse = |why, expected| InvalidPassword { why, expected };
        match text.get(..4) {
            Some("$2y$" | "$2b$" | "$2a$") => bcrypt(text),
            // Its hashes of letters outside ASCII are others than those of the rest.
            Some("$2x$") => Err(refuse("has a hash of a bcrypt with a known fault ($2x$)", HASHES)),
            Some("$arg") => argon2(text),
            Some("$apr") => Err(refuse("has a hash of MD5 ($apr1$), which is guessed quickly", HASHES)),
            Some("{SHA") => Err(refuse("has a hash of SHA-1 ({SHA}), which is guessed quickly", HASHES)),
            _ if text.starts_with('$') => Err(refuse("has a hash of another kind", HASHES)),
            _ => Err(refuse("has a password, or a hash that is guessed quickly", HASHES)),
        }
    }
}

fn bcrypt(text: &str) -> Result<Password, InvalidPassword> {
    let wrong = InvalidPassword { why: "has a malformed hash of bcrypt", expected: HASHES };
    let parts = HashParts::from_str(text).map_err(|_| wrong)?;
    let cost = parts.get_cost();
    if !(4..=HIGHEST_COST).contains(&cost) {
        return Err(InvalidPassword { why: "has a bcrypt that takes too long or can't be", expected: COST });
    }
    Ok(Password::Bcrypt { hash: text.into(), cost })
}

fn argon2(text: &str) -> Result<Password, InvalidPassword> {
    let wrong = || InvalidPassword { why: "has a malformed hash of Argon2", expected: HASHES };
    let hash = PasswordHash::new(text).map_err(|_| wrong())?;
    let is_whole = hash.salt.is_some() && hash.hash.is_some();
    let params = Params::try_from(&hash).ok().filter(|_| is_whole).ok_or_else(wrong)?;
    argon2::Algorithm::try_from(hash.algorithm.as_str()).map_err(|_| wrong())?;
    let written = u64::from(params.m_cost()) * u64::from(params.t_cost());
    if params.m_cost() > MOST_MEMORY || written > MOST_WRITTEN {
        return Err(InvalidPassword { why: "has an Argon2 that takes too much", expected: ARGON2_COST });
    }
    Ok(Password::Argon2 { hash: Box::new(hash), written })
}
