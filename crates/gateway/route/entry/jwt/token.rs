//! `Token`: where a request has its token.

use http::header::{AUTHORIZATION, COOKIE};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::config::Jwt;
use crate::cookies;
use crate::route::entry::credential::{self, Afterwards, Presented};
use crate::route::entry::guard::Granted;
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
pub(super) struct Token {
    bytes: Vec<u8>,
    /// The field in which the service behind gets it.
    given_back: Option<(HeaderName, HeaderValue)>,
}

impl Place {
    /// Where these rules say.
    pub(super) fn of(rules: &Jwt) -> Self {
        let afterwards = if rules.forward { Afterwards::GivenBack } else { Afterwards::Removed };
        Self::new(rules.cookie.clone(), afterwards)
    }

    /// In `Authorization: Bearer` (RFC 6750 §2.1), or else in this cookie.
    fn new(cookie: Option<String>, afterwards: Afterwards) -> Self {
        Self { cookie, afterwards }
    }

    /// Takes the token out, and what is in the other place too: nobody has verified that.
    pub(super) fn take(&self, headers: &mut HeaderMap) -> Result<Token, RejectionKind> {
        let cookie = self.take_cookie(headers);
        let presented = credential::take(headers, "bearer");
        let is_given_back = self.afterwards == Afterwards::GivenBack;
        let token = match presented {
            Presented::Several => return Err(RejectionKind::TokenMalformed),
            Presented::Nothing => cookie.ok_or(RejectionKind::TokenMissing)?,
            Presented::One { .. } => Token {
                bytes: presented.bytes().to_vec(),
                given_back: presented.line().map(|line| (AUTHORIZATION, line.clone())),
            },
        };
        match token.bytes.len() {
            0 => Err(RejectionKind::TokenMissing),
            long if long > LONGEST => Err(RejectionKind::TokenMalformed),
            _ => Ok(Token { given_back: token.given_back.filter(|_| is_given_back), ..token }),
        }
    }

    fn take_cookie(&self, headers: &mut HeaderMap) -> Option<Token> {
        let name = self.cookie.as_deref()?;
        let bytes = cookies::find(headers, name)?.to_vec();
        cookies::remove(headers, name);
        let pair = HeaderValue::from_bytes(&[name.as_bytes(), &bytes].join(&b'=')).ok();
        Some(Token { bytes, given_back: pair.map(|pair| (COOKIE, pair)) })
    }
}

impl Token {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Gives the service behind the token too, if it is to have it.
    pub(super) fn give_back(self, granted: Granted) -> Granted {
        granted.fields(self.given_back)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(
        lines: &[(HeaderName, &str)],
        afterwards: Afterwards,
    ) -> (Result<Token, RejectionKind>, HeaderMap) {
        let mut headers: HeaderMap =
            lines.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect();
        (Place::new(Some("session".to_owned()), afterwards).take(&mut headers), headers)
    }

    #[test]
    fn a_token_is_in_one_place_and_what_is_in_the_other_goes_no_further() {
        let missing = Err(RejectionKind::TokenMissing);
        for (lines, expected, left) in [
            (&[(AUTHORIZATION, "Bearer abc")][..], Ok("abc"), &[][..]),
            (&[(AUTHORIZATION, "bearer abc"), (COOKIE, "session=def")], Ok("abc"), &[]),
            (&[(COOKIE, "a=b; session=def; c=d")], Ok("def"), &["a=b; c=d"]),
            (&[(COOKIE, "session=def; session=ghi")], Ok("def"), &[]),
            (&[(AUTHORIZATION, "Basic abc"), (COOKIE, "session=def")], Ok("def"), &["Basic abc"]),
            (&[(AUTHORIZATION, "Bearer "), (COOKIE, "session=def")], missing, &[]),
            (&[(COOKIE, "session=")], missing, &[]),
            (&[(COOKIE, "other=def")], missing, &["other=def"]),
            (&[], missing, &[]),
            (
                &[(AUTHORIZATION, "Bearer abc"), (AUTHORIZATION, "Bearer abc")],
                Err(RejectionKind::TokenMalformed),
                &[],
            ),
        ] {
            for afterwards in [Afterwards::Removed, Afterwards::GivenBack] {
                let (token, headers) = taken(lines, afterwards);
                let token = token.as_ref().map(|token| str::from_utf8(token.bytes()).unwrap());
                assert_eq!(token.map_err(|kind| *kind), expected, "{lines:?}");
                assert_eq!(headers.values().collect::<Vec<_>>(), left, "{lines:?}");
            }
        }
    }

    #[test]
    fn only_the_one_that_was_read_is_given_back() {
        let both = &[(AUTHORIZATION, "Bearer abc"), (COOKIE, "session=def")];
        let twice = &[(COOKIE, "a=b; session=def; session=ghi")];
        for (lines, afterwards, fields) in [
            (&both[..], Afterwards::Removed, vec![]),
            (both, Afterwards::GivenBack, vec![(AUTHORIZATION, HeaderValue::from_static("Bearer abc"))]),
            (twice, Afterwards::GivenBack, vec![(COOKIE, HeaderValue::from_static("session=def"))]),
        ] {
            let token = taken(lines, afterwards).0.unwrap_or_else(|kind| panic!("{lines:?}: {kind:?}"));
            assert_eq!(token.give_back(Granted::default()).fields, fields, "{lines:?}");
        }
    }

    #[test]
    fn a_long_one_is_not_read() {
        let line = format!("Bearer {}", "a".repeat(LONGEST + 1));
        let long = taken(&[(AUTHORIZATION, &line)], Afterwards::Removed).0;
        assert_eq!(long.map(|_| ()), Err(RejectionKind::TokenMalformed));
    }
}
