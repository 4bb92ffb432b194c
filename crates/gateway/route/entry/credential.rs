//! The credentials in `Authorization` (RFC 9110 §11.6.2).

use http::header::{AUTHORIZATION, HeaderMap, HeaderValue};

/// What becomes of credentials that were right. All others go no further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Afterwards {
    /// The service behind doesn't get them.
    Removed,
    /// The service behind gets them.
    GivenBack,
}

/// What a request has in place of credentials of one scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Presented {
    /// None of that scheme.
    Nothing,
    /// Several fields, of which each may be meant.
    Several,
    /// One, whose credentials begin at this byte of the value.
    One { value: HeaderValue, from: usize },
}

/// Takes the credentials of a scheme out, whose name's case doesn't matter. Those of another scheme stay.
pub(super) fn take(headers: &mut HeaderMap, scheme: &str) -> Presented {
    let mut lines = headers.get_all(AUTHORIZATION).iter();
    let (first, second) = (lines.next(), lines.next());
    let presented = match (first, second) {
        (None, _) => return Presented::Nothing,
        (Some(_), Some(_)) => Presented::Several,
        (Some(value), None) => match behind_scheme(value.as_bytes(), scheme) {
            None => return Presented::Nothing,
            Some(from) => Presented::One { value: value.clone(), from },
        },
    };
    headers.remove(AUTHORIZATION);
    presented
}

impl Presented {
    /// The field that has given them.
    pub(super) fn line(&self) -> Option<&HeaderValue> {
        match self {
            Self::One { value, .. } => Some(value),
            Self::Nothing | Self::Several => None,
        }
    }

    /// The bytes of the one that there is.
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Self::One { value, from } => value.as_bytes().get(*from..).unwrap_or_default(),
            Self::Nothing | Self::Several => &[],
        }
    }
}

/// Where the credentials begin behind the scheme and its spaces.
fn behind_scheme(value: &[u8], scheme: &str) -> Option<usize> {
    let (found, rest) = value.split_at_checked(scheme.len())?;
    let is_separate = rest.is_empty() || rest.starts_with(b" ");
    let spaces = rest.iter().take_while(|byte| **byte == b' ').count();
    (found.eq_ignore_ascii_case(scheme.as_bytes()) && is_separate).then_some(scheme.len() + spaces)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scheme_is_a_whole_word_in_any_case() {
        for (value, credentials) in [
            ("Basic abc", Some("abc")),
            ("bASIC   abc=", Some("abc=")),
            ("Basic", Some("")),
            ("Basic ", Some("")),
            ("Basicabc", None),
            ("Bearer abc", None),
            ("", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, HeaderValue::from_static(value));
            let found = take(&mut headers, "basic");
            assert_eq!(matches!(found, Presented::One { .. }), credentials.is_some(), "{value}");
            assert_eq!(found.bytes(), credentials.unwrap_or_default().as_bytes(), "{value}");
            assert_eq!(headers.is_empty(), credentials.is_some(), "those of another scheme stay");
        }
    }

    #[test]
    fn two_fields_are_none() {
        let mut headers = HeaderMap::new();
        headers.append(AUTHORIZATION, HeaderValue::from_static("Basic a"));
        headers.append(AUTHORIZATION, HeaderValue::from_static("Bearer b"));
        assert_eq!(take(&mut headers, "basic"), Presented::Several);
        assert!(headers.is_empty(), "whoever reads another of them than we do must not get them");
    }
}
