//! Finds a cookie in a request, takes it out, and adds others.

use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};

/// Returns the value of the first cookie with this name. Names differ by case.
///
/// There may be several `Cookie` lines, since HTTP/2 splits them (RFC 9113 §8.2.3). Each line is split at `;`, and
/// spaces and tabs around names and values are left out, as in RFC 6265 §5.2. Quotes are part of the value, as in
/// browsers. A pair without `=` isn't a cookie. Nothing is decoded or copied: the value may be empty, and may have any
/// bytes.
pub(crate) fn find<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a [u8]> {
    let lines = headers.get_all(COOKIE).iter();
    let mut pairs = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b';'));
    pairs.find_map(|pair| value_of(pair, name.as_bytes()))
}

/// Removes all cookies with this name. A line of which nothing else is left is removed as well; the others stay as they are.
#[cfg(feature = "jwt")]
pub(crate) fn remove(headers: &mut HeaderMap, name: &str) {
    let is_named = |pair: &[u8]| value_of(pair, name.as_bytes()).is_some();
    let lines: Vec<HeaderValue> = headers.get_all(COOKIE).iter().cloned().collect();
    headers.remove(COOKIE);
    for line in lines {
        let pairs = || line.as_bytes().split(|byte| *byte == b';');
        if !pairs().any(is_named) {
            headers.append(COOKIE, line);
            continue;
        }
        let others = pairs().filter(|pair| !is_named(pair)).map(<[u8]>::trim_ascii);
        let others = others.filter(|pair| !pair.is_empty()).collect::<Vec<_>>().join(&b"; "[..]);
        if let Ok(value) = HeaderValue::from_bytes(&others)
            && !value.is_empty()
        {
            headers.append(COOKIE, value);
        }
    }
}

/// Adds cookies to those that are there, in the same line: a client sends no more than one (RFC 6265 §5.4).
pub(crate) fn add(headers: &mut HeaderMap, more: HeaderValue) {
    let Some(first) = headers.get_mut(COOKIE) else {
        headers.insert(COOKIE, more);
        return;
    };
    *first = HeaderValue::from_bytes(&[first.as_bytes(), more.as_bytes()].join(&b"; "[..]))
        .expect("what are two lines can be one");
}

fn value_of<'a>(pair: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let at = pair.iter().position(|byte| *byte == b'=')?;
    let (named, value) = (pair.get(..at)?, pair.get(at + 1..)?);
    (named.trim_ascii() == name).then(|| value.trim_ascii())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn lines<L: AsRef<[u8]>>(lines: impl IntoIterator<Item = L>) -> HeaderMap {
        let values = lines.into_iter().map(|line| HeaderValue::from_bytes(line.as_ref()).unwrap());
        values.map(|value| (COOKIE, value)).collect()
    }

    #[cfg(feature = "jwt")]
    #[test]
    fn all_of_that_name_are_taken_out() {
        for (given, left) in [
            (&["gw=1"][..], &[][..]),
            (&["a=0; gw=1; b=2"], &["a=0; b=2"]),
            (&["gw=1;gw=2; GW=3"], &["GW=3"]),
            (&["a=0;b", " gw =1", "c = 1"], &["a=0;b", "c = 1"]),
        ] {
            let mut headers = lines(given);
            remove(&mut headers, "gw");
            assert_eq!(headers.get_all(COOKIE).iter().collect::<Vec<_>>(), left, "{given:?}");
        }
    }

    #[test]
    fn what_is_added_stands_in_the_same_line() {
        for (given, left) in
            [(&[][..], &["gw=1"][..]), (&["a=0"], &["a=0; gw=1"]), (&["a=0", "b=0"], &["a=0; gw=1", "b=0"])]
        {
            let mut headers = lines(given);
            add(&mut headers, HeaderValue::from_static("gw=1"));
            assert_eq!(headers.get_all(COOKIE).iter().collect::<Vec<_>>(), left, "{given:?}");
        }
    }

    #[test]
    fn the_first_of_that_name() {
        for (given, found) in [
            (&[b"gw=1".as_slice()][..], Some(b"1".as_slice())),
            (&[b"a=0; gw=1; b=2"], Some(b"1")),
            (&[b"a=0;gw=1;gw=2"], Some(b"1")),
            (&[b"a=0", b"gw=1", b"gw=2"], Some(b"1")),
            (&[b"a=0; b", b";;; ;", b"", b"=; gw=1;"], Some(b"1")),
            (&[b" \tgw\t = 1 \t; b=2"], Some(b"1")),
            (&[b"gw="], Some(b"")),
            (&[b"gw=; gw=1"], Some(b"")),
            (&[b"gw=a=b=="], Some(b"a=b==")),
            (&[b"gw=\"1\""], Some(b"\"1\"")),
            (&[b"gw=\"1;2\""], Some(b"\"1")),
            (&[b"gw=1 2,3"], Some(b"1 2,3")),
            (&[b"gw=\xff\xfe"], Some(b"\xff\xfe")),
            (&[b"\xff=0; \xe9; gw=1"], Some(b"1")),
            (&[b"a=\"gw=1\"; b=gw=1"], None),
            (&[b"$Version=1; GW=1"], None),
            (&[b"gw"], None),
            (&[b"=1"], None),
            (&[b"gw1=1; xgw=1; g w=1"], None),
            (&[b"a=0, gw=1"], None),
            (&[b""], None),
            (&[], None),
        ] {
            assert_eq!(find(&lines(given), "gw"), found, "{given:?}");
        }
    }

    #[test]
    fn other_headers_are_not_looked_at() {
        let mut headers = HeaderMap::new();
        headers.insert("set-cookie", HeaderValue::from_static("gw=1"));
        headers.insert("cookie2", HeaderValue::from_static("gw=1"));
        assert_eq!(find(&headers, "gw"), None);
    }

    fn pairs() -> impl Strategy<Value = Vec<Vec<(String, Vec<u8>)>>> {
        let byte = prop::sample::select(b"09az=\"',\\%\x80\xff".as_slice());
        let pair = ("(gw|GW|g|gww)", prop::collection::vec(byte, 0..6));
        prop::collection::vec(prop::collection::vec(pair, 0..5), 0..4)
    }

    proptest! {
        /// A cookie is found, however the pairs are spread over lines and spaced.
        #[test]
        fn finds_what_was_put_in(pairs in pairs(), space in "[ \t]{0,2}") {
            let line = |pairs: &Vec<(String, Vec<u8>)>| {
                let pairs = pairs.iter().map(|(name, value)| {
                    [space.as_bytes(), name.as_bytes(), b"=", value, space.as_bytes()].concat()
                });
                pairs.collect::<Vec<_>>().join(&b';')
            };
            let headers = lines(pairs.iter().map(line));
            let expected = pairs.iter().flatten().find(|(name, _)| name == "gw");
            prop_assert_eq!(find(&headers, "gw"), expected.map(|(_, value)| value.as_slice()));
        }

        /// Whatever the bytes are, a value that is found stands in them, after its name and before an end.
        #[test]
        fn invents_nothing(
            soup in prop::collection::vec(prop::sample::select(b"gw=; \t\"\xff".as_slice()), 0..24)
        ) {
            let headers = lines([&soup]);
            if let Some(value) = find(&headers, "gw") {
                prop_assert!(!value.contains(&b';') && value == value.trim_ascii());
                let line = String::from_utf8_lossy(&soup).replace([' ', '\t'], "");
                let value = String::from_utf8_lossy(value).replace([' ', '\t'], "");
                let whole = format!(";{line};");
                let pair = format!(";gw={value};");
                prop_assert!(whole.contains(&pair), "{} in {}", pair, whole);
            }
        }
    }
}
