use super::*;
use proptest::prelude::*;

#[test]
fn clear_paths_pass() {
    for path in [
        "",
        "/",
        "*",
        "//",
        "/a/b",
        "/a%2Fb",
        "/a%5cb",
        "/a%25b",
        "/%zz",
        "/%",
        "/%2",
        "/...",
        "/.hidden",
        "/a.b",
        "/a..b",
        "/..a",
        "/;v=1",
        "/a;v/b",
        "/%2e%2e%2e",
        "/a%3Bb",
        "/%252F",
        "/a%09b",
        "/a%0d%0aX:%20y",
        "/a%7F",
        "/a%1b",
        "/%01%1F",
        "/%0a",
        "/...%0a",
        "/a%2509b",
        "/a%2500b",
    ] {
        assert_eq!(check(path), Ok(()), "{path}");
    }
}

#[test]
fn dot_segments_never_pass() {
    for path in [
        "/.",
        "/..",
        "/../x",
        "/a/./b",
        "/a/..",
        "/%2e",
        "/%2E%2e/x",
        "/.%2e/x",
        "/%252e%252e/x",
        "/%25%32%65./x",
        "/..;/x",
        "/..;a=b/x",
        "/.;",
        "/..%3bx",
        "/..%2fx",
        "/..%5cx",
        "/a%2f..%2fb",
        "/a%2f%2e%2e",
        "/..%252fx",
        "/a/%2e%2e%5c",
        "..",
        "/static/..%2f..%2fadmin",
        "/.%09./x",
        "/..%0d%0a/x",
        "/%0a..",
        "/%7f.%7f",
        "/.%2509.",
        "/.%2%0ae/x",
        "/%0a;/..%09;x",
    ] {
        assert_eq!(check(path), Err(PathError::DotSegment), "{path}");
    }
}

#[test]
fn what_no_one_should_decode_never_passes() {
    for (path, error) in [
        ("/a\\b", PathError::Backslash),
        ("/a\0", PathError::Control),
        ("/a\t", PathError::Control),
        ("/a\r\nX:", PathError::Control),
        ("/a\x7f", PathError::Control),
        ("/a%00", PathError::Control),
        ("/%00", PathError::Control),
        ("/a%0a%00", PathError::Control),
        ("/a\u{e9}", PathError::NonAscii),
    ] {
        assert_eq!(check(path), Err(error), "{path}");
    }
}

/// The rule as it is worded, slowly: split the raw path, decode each piece, cut it, compare.
fn as_worded(path: &str) -> bool {
    let decode = |text: &[u8]| -> Vec<u8> {
        let (mut out, mut at) = (Vec::new(), 0);
        while at < text.len() {
            let triplet = (text[at] == b'%')
                .then(|| text.get(at + 1..at + 3))
                .flatten()
                .filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))
                .and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
            out.push(triplet.unwrap_or(text[at]));
            at += if triplet.is_some() { 3 } else { 1 };
        }
        out
    };
    let split = path.replace("%2f", "/").replace("%2F", "/").replace("%5c", "/").replace("%5C", "/");
    split.split('/').any(|piece| {
        let once = decode(piece.as_bytes());
        [piece.as_bytes().to_vec(), once.clone(), decode(&once)]
            .iter()
            .filter_map(|bytes| bytes.split(|b| *b == b';').next())
            .any(|name| name == b"." || name == b"..")
    })
}

#[test]
fn below_a_prefix_however_it_is_spelled() {
    for path in [
        "/admin",
        "/admin/",
        "/admin/x",
        "//admin",
        "/ADMIN/x",
        "/%61dmin",
        "/%2561dmin/x",
        "/admin;x/y",
        "/;a/admin",
        "/%2fadmin",
        "/%5cadmin",
        "\\\\admin",
        "/admin%2fx",
        "/admin%3bx",
        "/;/admin",
        "/%2f%2fadmin//x",
        "/admin;",
        "/;%2fx/%61dmin",
        "/;%2fx/%2561dmin",
        "/%3b%252fx/%2561dmin",
        "/%09admin",
        "/ad%0amin/x",
        "/admin%0d%0a",
        "/admin%7f/x",
        "/%0a/admin",
        "/ADM%1FIN;x/y",
        "/ad%2509min",
        "/%6%0a1dmin",
        "/;%2%0afx/admin",
        "/;x%0a/admin",
    ] {
        assert!(could_be_below(path, "/admin"), "{path}");
    }
    for path in [
        "/",
        "",
        "/adminx",
        "/admi",
        "/x/admin",
        "/api/admin",
        "/a/dmin",
        "/;admin",
        "/admin.php",
        "/admi;n",
        "/%0aadminx",
    ] {
        assert!(!could_be_below(path, "/admin"), "{path}");
    }
    assert!(could_be_below("/API//admin/x", "/api/admin"));
    assert!(!could_be_below("/api/x/admin", "/api/admin"));
}

proptest! {
    #[test]
    fn never_laxer_than_the_rule(
        path in "/(\\.|%2e|%2E|%252e|;|/|%2f|%5c|%25|a|%3b|%){0,12}"
    ) {
        prop_assert!(!as_worded(&path) || check(&path).is_err(), "{path}");
    }

    #[test]
    fn a_path_without_dots_or_escapes_passes(path in "(/[a-zA-Z0-9_~;:@!$&'()*+,=-]{0,8}){0,6}") {
        prop_assert_eq!(check(&path), Ok(()));
    }

    #[test]
    fn total(path in any::<String>()) {
        let _ = check(&path);
    }
}
