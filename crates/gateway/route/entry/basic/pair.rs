//! `Pair`: the name and the password of a request.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::route::entry::credential::Presented;
use crate::route::entry::rejection::RejectionKind;

/// The most bytes that both may have, encoded.
const LONGEST: usize = 2048;

/// The name and the password of a request. They are wiped when it is dropped.
pub(super) struct Pair {
    name: Zeroizing<String>,
    password: Zeroizing<Vec<u8>>,
}

impl Pair {
    /// Reads them (RFC 7617 §2).
    pub(super) fn of(presented: &Presented) -> Result<Self, RejectionKind> {
        match presented {
            Presented::Nothing => Err(RejectionKind::CredentialsMissing),
            Presented::Several => Err(RejectionKind::CredentialsMalformed),
            Presented::One { .. } => {
                Self::decode(presented.bytes()).ok_or(RejectionKind::CredentialsMalformed)
            }
        }
    }

    fn decode(encoded: &[u8]) -> Option<Self> {
        let encoded = Some(encoded.trim_ascii_end()).filter(|encoded| encoded.len() <= LONGEST)?;
        let both = Zeroizing::new(STANDARD.decode(encoded).ok()?);
        let colon = both.iter().position(|byte| *byte == b':')?;
        let (name, password) = both.split_at_checked(colon)?;
        let name = Zeroizing::new(String::from_utf8(name.to_vec()).ok()?);
        Some(Self { name, password: Zeroizing::new(password.get(1..)?.to_vec()) })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn password(&self) -> &[u8] {
        &self.password
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(text: &[u8]) -> Option<(String, Vec<u8>)> {
        let pair = Pair::decode(STANDARD.encode(text).as_bytes())?;
        Some((pair.name().to_owned(), pair.password().to_vec()))
    }

    #[test]
    fn the_first_colon_divides_them() {
        let pair = |name: &str, password: &[u8]| Some((name.to_owned(), password.to_vec()));
        assert_eq!(decoded(b"ann:secret"), pair("ann", b"secret"));
        assert_eq!(decoded(b"ann:a:b:"), pair("ann", b"a:b:"));
        assert_eq!(decoded(b":"), pair("", b""));
        assert_eq!(decoded("b\u{e9}:\u{e9}\0".as_bytes()), pair("b\u{e9}", "\u{e9}\0".as_bytes()));
        for malformed in [&b"ann"[..], b"", b"\xff:a", &[b':'; LONGEST]] {
            assert_eq!(decoded(malformed), None, "{}", malformed.escape_ascii());
        }
        for text in ["YW5uOnNlY3JldA", "YW5uOnNlY3JldA==x", "YW5u OnNlY3JldA==", "%", "YW5uOnNlY3JldB=="] {
            assert!(Pair::decode(text.as_bytes()).is_none(), "{text}");
        }
    }
}
