use http::HeaderValue;
use http::header::HOST;
use proptest::prelude::*;
use subtle::ConstantTimeEq;

use super::*;
use crate::rejection::RejectionKind;
use crate::token::AdminToken;

type Lines<'a> = &'a [(&'static str, &'a [u8])];

fn headers(lines: Lines<'_>) -> HeaderMap {
    append_all(
        lines.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_bytes(value).unwrap())),
    )
}

fn append_all(lines: impl Iterator<Item = (HeaderName, HeaderValue)>) -> HeaderMap {
    let mut map = HeaderMap::new();
    for (name, value) in lines {
        map.append(name, value);
    }
    map
}

/// Whether what was found is `secret`.
fn take(credential: &Credential, lines: Lines<'_>, secret: &str) -> Result<bool, RejectionKind> {
    let found = credential.take(&mut headers(lines)).map_err(|rejection| rejection.kind())?;
    Ok(found.ct_eq(&Digest::of(secret.as_bytes())).into())
}

const FOUND: Result<bool, RejectionKind> = Ok(true);
const MISSING: Result<bool, RejectionKind> = Err(RejectionKind::Missing);
const REPEATED: Result<bool, RejectionKind> = Err(RejectionKind::Repeated);
const MALFORMED: Result<bool, RejectionKind> = Err(RejectionKind::Malformed);

#[test]
fn a_header_of_its_own() {
    let too_long = vec![b'x'; AdminToken::MAX_LEN + 1];
    let table: [(Lines<'_>, _); 16] = [
        (&[("x-admin-token", b"s3cret")], FOUND),
        (&[("X-ADMIN-TOKEN", b"s3cret")], FOUND),
        (&[("x-admin-token", b"s3cret"), ("authorization", b"Bearer other")], FOUND),
        (&[("x-admin-token", b"s3cret"), ("x_admin_token", b"other")], FOUND),
        (&[], MISSING),
        (&[("x-admin-token", b"")], MISSING),
        (&[("x_admin_token", b"s3cret")], MISSING),
        (&[("authorization", b"Bearer s3cret")], MISSING),
        (&[("x-admin-token", b"s3cret"), ("x-admin-token", b"s3cret")], REPEATED),
        (&[("x-admin-token", b"s3cret"), ("x-admin-token", b"")], REPEATED),
        (&[("x-admin-token", b""), ("x-admin-token", b"")], REPEATED),
        (&[("x-admin-token", b"s3cret ")], MALFORMED),
        (&[("x-admin-token", b"s3cret, s3cret")], MALFORMED),
        (&[("x-admin-token", b"s3cr\xe9t")], MALFORMED),
        (&[("x-admin-token", &too_long)], MALFORMED),
        (&[("x-admin-token", b"S3CRET")], Ok(false)),
    ];
    for (lines, expected) in table {
        assert_eq!(take(&Credential::default(), lines, "s3cret"), expected, "{lines:?}");
    }
}

#[test]
fn bearer() {
    let table: [(Lines<'_>, _); 15] = [
        (&[("authorization", b"Bearer s3cret")], FOUND),
        (&[("authorization", b"bEARER s3cret")], FOUND),
        (&[("authorization", b"Bearer   s3cret")], FOUND),
        (&[("authorization", b"Bearer s3cret"), ("x-admin-token", b"other")], FOUND),
        (&[], MISSING),
        (&[("authorization", b"")], MISSING),
        (&[("authorization", b"Bearer")], MISSING),
        (&[("authorization", b"Bearer ")], MISSING),
        (&[("authorization", b"Bearers3cret")], MISSING),
        (&[("authorization", b"s3cret")], MISSING),
        (&[("authorization", b"Basic czNjcmV0")], MISSING),
        (&[("x-admin-token", b"s3cret")], MISSING),
        (&[("authorization", b"Bearer s3cret"), ("authorization", b"Basic czNjcmV0")], REPEATED),
        (&[("authorization", b"Bearer s3cret s3cret")], MALFORMED),
        (&[("authorization", b"Bearer s3cr\xe9t")], MALFORMED),
    ];
    for (lines, expected) in table {
        assert_eq!(take(&Credential::bearer(), lines, "s3cret"), expected, "{lines:?}");
    }
}

#[test]
fn every_line_and_alias_is_taken_out_and_nothing_else() {
    let lines: Lines<'_> = &[
        ("x-admin-token", b"s3cret"),
        ("x-admin-token", b"again"),
        ("x_admin_token", b"alias"),
        ("x_admin_token", b"alias again"),
        ("x.admin-token", b"alias"),
        ("x-admin-tokens", b"kept"),
        ("xadmintoken", b"kept"),
        ("authorization", b"kept"),
        ("host", b"kept"),
    ];
    let mut map = headers(lines);
    Credential::default().take(&mut map).unwrap_err();
    let mut left: Vec<&str> = map.keys().map(HeaderName::as_str).collect();
    left.sort_unstable();
    assert_eq!(left, ["authorization", HOST.as_str(), "x-admin-tokens", "xadmintoken"]);
    assert!(map.values().all(|value| value == "kept"));
}

const NAMES: [&str; 6] =
    ["x-admin-token", "x_admin_token", "x.admin.token", "x-admin-token2", "authorization", "accept"];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn whatever_the_headers(
        lines in proptest::collection::vec((0..NAMES.len(), "[ -~\u{e9}]{0,6}"), 0..6),
    ) {
        let before = append_all(lines.iter().map(|(name, value)| {
            (HeaderName::from_static(NAMES[*name]), HeaderValue::from_bytes(value.as_bytes()).unwrap())
        }));
        let mut after = before.clone();
        let taken = Credential::default().take(&mut after);

        let given: Vec<&[u8]> = before.get_all("x-admin-token").iter().map(HeaderValue::as_bytes).collect();
        let one = match given.as_slice() {
            [secret] if !secret.is_empty() && secret.iter().all(u8::is_ascii_graphic) => Some(*secret),
            _ => None,
        };
        match (taken, one) {
            (Ok(found), Some(secret)) => prop_assert!(bool::from(found.ct_eq(&Digest::of(secret)))),
            (Err(_), None) => {}
            (taken, _) => prop_assert!(false, "{:?} from {:?}", taken.map(|_| "a secret"), before),
        }
        let mut expected = before;
        for name in &NAMES[..3] {
            expected.remove(*name);
        }
        prop_assert_eq!(after, expected);
    }

    #[test]
    fn folding_is_about_the_separators_only(alias in "[xX][-_.!~][aA]dmin[-_.+^|]token") {
        let alias: HeaderName = alias.parse().unwrap();
        prop_assert!(folds_to(&alias, &DEFAULT_HEADER));
    }
}
