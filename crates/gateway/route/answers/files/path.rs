//! Which paths may be those of files.

use percent_encoding::percent_decode_str;

/// Whether a path has one reading only, and none that leads to a hidden file: no `.` or `..`, no empty segment, nothing
/// that is encoded and would be a slash, a backslash or a control character, nothing
/// outside ASCII, and no name that begins with a dot but `/.well-known` (RFC 8615).
pub(super) fn may_be_served(path: &str) -> bool {
    let Some(path) = path.strip_prefix('/') else { return false };
    if path.is_empty() {
        return true;
    }
    let path = path.strip_suffix('/').unwrap_or(path);
    let mut segments = path.split('/');
    let first = segments.next().unwrap_or_default();
    (first == ".well-known" || is_plain(first)) && segments.all(is_plain)
}

fn is_plain(segment: &str) -> bool {
    let mut decoded = percent_decode_str(segment).peekable();
    let begins_plainly = !matches!(decoded.peek(), None | Some(b'.'));
    begins_plainly
        && segment.is_ascii()
        && are_whole(segment)
        && decoded.all(|byte| !matches!(byte, b'/' | b'\\' | b'\0'..=b'\x1f' | b'\x7f'))
}

/// Whether two digits follow each `%`.
fn are_whole(segment: &str) -> bool {
    let mut escapes = segment.split('%').skip(1);
    escapes
        .all(|rest| rest.as_bytes().get(..2).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_served() {
        for (path, expected) in [
            ("/", true),
            ("/a", true),
            ("/a/b.html", true),
            ("/a/", true),
            ("/a.", true),
            ("/a..b/c", true),
            ("/%61", true),
            ("/a%20b", true),
            ("/%C3%A9", true),
            ("/%252e%252e/x", true),
            ("/.well-known/security.txt", true),
            ("/x/.well-known/security.txt", false),
            ("/.well-known/.git", false),
            ("/%2ewell-known/x", false),
            ("", false),
            ("*", false),
            ("//", false),
            ("//a", false),
            ("/a//b", false),
            ("/a//", false),
            ("/.", false),
            ("/..", false),
            ("/../a", false),
            ("/a/..", false),
            ("/a/./b", false),
            ("/%2e%2e/a", false),
            ("/.%2E/a", false),
            ("/..;/a", false),
            ("/.git/config", false),
            ("/a/.htpasswd", false),
            ("/%2ehtpasswd", false),
            ("/a%2fb", false),
            ("/a%2Fb", false),
            ("/a%5cb", false),
            ("/a\\b", false),
            ("/a%00", false),
            ("/a%0a", false),
            ("/a%7f", false),
            ("/a%", false),
            ("/a%2", false),
            ("/a%zz", false),
            ("/\u{e9}", false),
        ] {
            assert_eq!(may_be_served(path), expected, "{path}");
        }
    }
}
