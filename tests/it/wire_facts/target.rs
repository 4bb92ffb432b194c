//! `http::Uri` and `http::HeaderMap`. `crates/http1/src/head/target.rs` percent-encodes what a `Uri` refuses.

use http::{HeaderMap, HeaderName, HeaderValue, Uri};

/// What becomes of a byte in the path, and in the query.
#[test]
fn a_uri_refuses_some_bytes_and_not_the_same_in_path_and_query() {
    for (byte, in_path, in_query) in [
        (b'"', true, false),
        (b'<', false, false),
        (b'>', false, false),
        (b'`', false, true),
        (b'\\', true, true),
        (b'{', true, true),
        (b'|', true, true),
        (b'^', true, true),
        (b' ', false, false),
        (b'\t', false, false),
        (b'\x00', false, false),
        (b'\x7f', false, false),
        (b'\xff', false, false),
    ] {
        let holds = |before: &[u8]| Uri::try_from([before, &[byte]].concat()).is_ok();
        assert_eq!((holds(b"/a"), holds(b"/a?b")), (in_path, in_query), "{}", byte.escape_ascii());
    }
    assert!(Uri::try_from("/\u{e9}?\u{e9}").is_ok(), "UTF-8");
}

/// So `http1` looks for it before a `Uri` is made.
#[test]
fn a_uri_loses_a_fragment_without_a_trace() {
    assert_eq!(Uri::try_from("/p?q#fragment").unwrap(), "/p?q");
    assert_eq!(Uri::try_from("/p#/../x?q").unwrap(), "/p");
}

#[test]
fn forms_of_a_target() {
    for (target, scheme, authority, path_and_query) in [
        ("/p?", None, None, Some("/p?")),
        ("//a/b", None, None, Some("//a/b")),
        ("http://u:p@a:81/p?q", Some("http"), Some("u:p@a:81"), Some("/p?q")),
        ("http://a", Some("http"), Some("a"), Some("/")),
        // Without a slash, while `path()` is "/".
        ("http://a?q", Some("http"), Some("a"), Some("?q")),
        // No path at all: `path()` is "". Only CONNECT may have such a target.
        ("a:80", None, Some("a:80"), None),
        ("word", None, Some("word"), None),
        ("*", None, None, Some("*")),
    ] {
        let uri: Uri = target.parse().unwrap();
        let parts = (uri.scheme_str(), uri.authority().map(|it| it.as_str()), uri.path_and_query());
        assert_eq!((parts.0, parts.1, parts.2.map(|it| it.as_str())), (scheme, authority, path_and_query));
    }
    assert!(Uri::try_from("word/path").is_err());
}

/// So `limits.uri` ends there.
#[test]
fn a_uri_has_65_534_bytes_at_most() {
    let target = |bytes: usize| format!("/{}", "a".repeat(bytes - 1));
    assert!(Uri::try_from(target(65_534)).is_ok());
    assert!(Uri::try_from(target(65_535)).is_err());
}

/// So `limits.header_fields` and `limits.response_fields` end at 10,000.
#[test]
fn a_header_map_holds_10_000_names() {
    let mut headers = HeaderMap::new();
    for number in 0..10_000 {
        let name = HeaderName::try_from(format!("x-{number}")).unwrap();
        headers.try_append(name, HeaderValue::from_static("v")).unwrap();
    }
}
