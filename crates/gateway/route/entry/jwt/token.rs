//! `Token`: where a request has its token.

use http::HeaderMap;

use crate::cookies;
use crate::route::entry::credential::{Afterwards, Presented, presented};
use crate::route::entry::rejection::RejectionKind;

/// The longest token that is read, in bytes.
pub(super) const LONGEST: usize = 16 << 10;

/// Where requests have their tokens.
#[derive(Debug)]
pub(super) struct Place {
    cookie: Option<String>,
    afterwards: Afterwards,
}

/// A token as it was sent.
pub(super) struct Token(Vec<u8>);

impl Place {
    /// In `Authorization: Bearer` (RFC 6750 §2.1), or else in this cookie.
    pub(super) fn new(cookie: Option<String>, afterwards: Afterwards) -> Self {
        Self { cookie, afterwards }
    }

    pub(super) fn take(&self, headers: &mut HeaderMap) -> Result<Token, RejectionKind> {
        let found = presented(headers, "bearer", self.afterwards);
        match found {
            Presented::Several => Err(RejectionKind::TokenMalformed),
            Presented::One { .. } => Token::read(found.bytes()),
            Presented::Nothing => self.take_cookie(headers),
        }
    }

    fn take_cookie(&self, headers: &mut HeaderMap) -> Result<Token, RejectionKind> {
        let name = self.cookie.as_deref().ok_or(RejectionKind::TokenMissing)?;
        let token = cookies::find(headers, name).map(Token::read);
        if token.is_some() && self.afterwards == Afterwards::Removed {
            cookies::remove(headers, name);
        }
        token.unwrap_or(Err(RejectionKind::TokenMissing))
    }
}

impl Token {
    fn read(bytes: &[u8]) -> Result<Self, RejectionKind> {
        match bytes.len() {
            0 => Err(RejectionKind::TokenMissing),
            long if long > LONGEST => Err(RejectionKind::TokenMalformed),
            _ => Ok(Self(bytes.to_vec())),
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use http::header::{AUTHORIZATION, COOKIE};

    use super::*;

    fn taken(
        lines: &[(http::HeaderName, &str)],
        afterwards: Afterwards,
    ) -> (Result<String, RejectionKind>, HeaderMap) {
        let mut headers: HeaderMap =
            lines.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect();
        let token = Place::new(Some("session".to_owned()), afterwards).take(&mut headers);
        (token.map(|token| String::from_utf8(token.0).unwrap()), headers)
    }

    #[test]
    fn a_token_is_in_one_place() {
        let missing = Err(RejectionKind::TokenMissing);
        for (lines, expected, left) in [
            (&[(AUTHORIZATION, "Bearer abc")][..], Ok("abc"), 0),
            (&[(AUTHORIZATION, "bearer abc"), (COOKIE, "session=def")], Ok("abc"), 1),
            (&[(COOKIE, "a=b; session=def; c=d")], Ok("def"), 1),
            (&[(COOKIE, "session=def")], Ok("def"), 0),
            (&[(AUTHORIZATION, "Basic abc"), (COOKIE, "session=def")], Ok("def"), 1),
            (&[(AUTHORIZATION, "Bearer "), (COOKIE, "session=def")], missing, 1),
            (&[(COOKIE, "session=")], missing, 0),
            (&[(COOKIE, "other=def")], missing, 1),
            (&[], missing, 0),
            (
                &[(AUTHORIZATION, "Bearer abc"), (AUTHORIZATION, "Bearer abc")],
                Err(RejectionKind::TokenMalformed),
                2,
            ),
        ] {
            let (token, headers) = taken(lines, Afterwards::Removed);
            assert_eq!(token.as_deref().map_err(|kind| *kind), expected, "{lines:?}");
            assert_eq!(headers.len(), left, "{lines:?}");
            assert_eq!(taken(lines, Afterwards::Kept).1.len(), lines.len(), "{lines:?}");
        }
    }

    #[test]
    fn a_long_one_is_not_read() {
        let line = format!("Bearer {}", "a".repeat(LONGEST + 1));
        assert_eq!(taken(&[(AUTHORIZATION, &line)], Afterwards::Kept).0, Err(RejectionKind::TokenMalformed));
    }
}
