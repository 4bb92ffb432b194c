//! Signed values that name an endpoint. Without the key, nobody can make one.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::config::SecretText;

/// The beginning of what is signed. It makes sure that a signature for another purpose, by the same secret, isn't valid
/// here.
const LABEL: &[u8] = b"gateway affinity 1\0";

/// Signs the ids of one pool's endpoints with HMAC-SHA-256 (RFC 2104), cut to its first 128 bits (RFC 2104 §5).
///
/// A value that was signed for one pool isn't valid for another, even with the same secret. The key itself isn't kept,
/// only the state of the hash after it. That state is wiped when the signer is dropped.
#[derive(Clone)]
pub(super) struct Signer {
    keyed: Hmac<Sha256>,
}

impl Signer {
    /// Makes a signer with this secret. It is the same in every process.
    pub(super) fn of(secret: &SecretText, pool: &str) -> Self {
        Self::keyed(secret.expose().as_bytes(), pool)
    }

    /// Makes a signer with a random key: 256 bits from the operating system.
    pub(super) fn random(pool: &str) -> Self {
        let mut key = Zeroizing::new([0; 32]);
        getrandom::fill(&mut *key).expect("std's maps and the request ids have had random bytes before");
        Self::keyed(&*key, pool)
    }

    /// What is signed is a label, the pool's name, and then the id. Since the label is always the same and the id
    /// always has 8 bytes, two different names and ids never give the same bytes.
    fn keyed(key: &[u8], pool: &str) -> Self {
        let keyed = Hmac::new_from_slice(key).expect("HMAC takes keys of any length");
        Self { keyed: keyed.chain_update(LABEL).chain_update(pool) }
    }

    /// Makes the value for an id: the id in 16 lower-case hex digits, a dot, and the signature in 32.
    pub(super) fn sign(&self, id: u64) -> String {
        let mac = self.mac(id.to_be_bytes()).finalize().into_bytes();
        let half = mac.first_chunk().expect("SHA-256 has 32 bytes");
        format!("{id:016x}.{:032x}", u128::from_be_bytes(*half))
    }

    /// Returns the id in a value, if [`sign`](Self::sign) made it. The signature is compared in constant time.
    pub(super) fn verify(&self, value: &[u8]) -> Option<u64> {
        let (id, mac) = value.split_at_checked(16)?;
        let id: [u8; 8] = from_hex(id)?;
        let mac: [u8; 16] = from_hex(mac.strip_prefix(b".")?)?;
        self.mac(id).verify_truncated_left(&mac).ok()?;
        Some(u64::from_be_bytes(id))
    }

    fn mac(&self, id: [u8; 8]) -> Hmac<Sha256> {
        self.keyed.clone().chain_update(id)
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signer([redacted])")
    }
}

/// Reads `N` bytes from exactly `2 * N` lower-case hex digits.
fn from_hex<const N: usize>(digits: &[u8]) -> Option<[u8; N]> {
    let (pairs, []) = digits.as_chunks() else { return None };
    let pairs: &[[u8; 2]; N] = pairs.try_into().ok()?;
    let mut bytes = [0; N];
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = nibble(*high)? << 4 | nibble(*low)?;
    }
    Some(bytes)
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
