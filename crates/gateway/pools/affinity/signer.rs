//! Values that name an endpoint, and that nobody makes without the key.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::config::SecretText;

/// Keeps these values apart from whatever else a secret may sign.
const LABEL: &[u8] = b"gateway affinity 1\0";

/// Signs the ids of one pool's endpoints: HMAC-SHA-256 (RFC 2104), of which the first 128 bits are kept (its §5).
///
/// A pool's values are of no use to another, whose secret may be the same. The key is not kept, only the state of the
/// hash that it leads to, which is wiped when it is dropped.
#[derive(Clone)]
pub(super) struct Signer {
    keyed: Hmac<Sha256>,
}

impl Signer {
    /// The same for the same secret, in every process.
    pub(super) fn of(secret: &SecretText, pool: &str) -> Self {
        Self::keyed(secret.expose().as_bytes(), pool)
    }

    /// With a key of its own, 256 bits from the operating system.
    pub(super) fn random(pool: &str) -> Self {
        let mut key = Zeroizing::new([0; 32]);
        getrandom::fill(&mut *key).expect("std's maps and the request ids have had random bytes before");
        Self::keyed(&*key, pool)
    }

    /// A label, the pool's name, and later 8 bytes of id: none can be taken for a part of another.
    fn keyed(key: &[u8], pool: &str) -> Self {
        let keyed = Hmac::new_from_slice(key).expect("HMAC takes keys of any length");
        Self { keyed: keyed.chain_update(LABEL).chain_update(pool) }
    }

    /// 16 lower-case hex digits of the id, a dot, and 32 of the signature.
    pub(super) fn sign(&self, id: u64) -> String {
        let mac = self.mac(id.to_be_bytes()).finalize().into_bytes();
        let half = mac.first_chunk().expect("SHA-256 has 32 bytes");
        format!("{id:016x}.{:032x}", u128::from_be_bytes(*half))
    }

    /// The id in a value that [`sign`](Self::sign) made; compared in constant time.
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

/// `N` bytes from exactly `2 * N` lower-case digits.
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
