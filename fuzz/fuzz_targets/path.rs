//! `path::check` never accepts a path that the rule refuses, and no spelling of a gated path is overlooked.
#![no_main]

use libfuzzer_sys::fuzz_target;
use proxy_service::path::{check, could_be_below};

fuzz_target!(|path: &str| {
    let allowed = check(path).is_ok();
    assert!(!allowed || !climbs(path), "a dot segment passes: {path:?}");
    assert!(!allowed || !has_what_nobody_should_decode(path), "{path:?}");
    let readings = readings(path);
    let is_dots = |segment: &[u8]| segment == b"." || segment == b"..";
    assert!(!allowed || !readings.iter().any(|reading| segments(reading).any(is_dots)), "{path:?}");
    for prefix in ["/admin", "/a", "/api/v2"] {
        let is_found = readings.iter().any(|reading| is_below(reading, prefix));
        assert!(!is_found || could_be_below(path, prefix), "{path:?} is below {prefix}");
    }
});

fn climbs(path: &str) -> bool {
    let separators = ["%2f", "%2F", "%5c", "%5C", "\\"];
    let path = separators.iter().fold(path.to_owned(), |path, separator| path.replace(separator, "/"));
    path.split('/').any(|piece| {
        let once = decode(piece.as_bytes());
        let twice = decode(&once);
        [piece.as_bytes(), &once, &twice].iter().any(|reading| {
            let name = reading.split(|byte| *byte == b';').next();
            name.is_some_and(|name| name == b"." || name == b"..")
        })
    })
}

fn has_what_nobody_should_decode(path: &str) -> bool {
    let holds_control = path.bytes().any(|byte| byte.is_ascii_control());
    !path.is_ascii() || path.contains('\\') || holds_control || decode(path.as_bytes()).contains(&0)
}

/// All ways in which upstreams may read the path: not decoded, or decoded once or twice, with or without parameters and
/// control characters, which may be removed at any point in between.
fn readings(path: &str) -> Vec<Vec<u8>> {
    let mut all = vec![path.as_bytes().to_vec()];
    let mut newest = all.clone();
    for _ in 0..2 {
        newest.extend(newest.iter().map(|reading| without_parameters(reading)).collect::<Vec<_>>());
        newest.extend(newest.iter().map(|reading| without_control(reading)).collect::<Vec<_>>());
        newest = newest.iter().map(|reading| decode(reading)).collect();
        all.extend_from_slice(&newest);
    }
    all.extend(all.iter().map(|reading| without_parameters(reading)).collect::<Vec<_>>());
    all.extend(all.iter().map(|reading| without_control(reading)).collect::<Vec<_>>());
    all
}

fn without_control(path: &[u8]) -> Vec<u8> {
    path.iter().copied().filter(|byte| !byte.is_ascii_control()).collect()
}

/// Whether the path is below the prefix, if backslashes are slashes, repeated slashes are merged and case is ignored.
fn is_below(path: &[u8], prefix: &str) -> bool {
    let mut path = segments(path);
    segments(prefix.as_bytes())
        .all(|wanted| path.next().is_some_and(|found| found.eq_ignore_ascii_case(wanted)))
}

fn segments(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    path.split(|byte| matches!(byte, b'/' | b'\\')).filter(|segment| !segment.is_empty())
}

fn without_parameters(path: &[u8]) -> Vec<u8> {
    let pieces = path.split_inclusive(|byte| matches!(byte, b'/' | b'\\'));
    pieces
        .flat_map(|piece| {
            let (name, slash) = match piece.split_last() {
                Some((b'/' | b'\\', name)) => (name, true),
                _ => (piece, false),
            };
            let name = name.split(|byte| *byte == b';').next().unwrap_or_default();
            name.iter().copied().chain(slash.then_some(b'/'))
        })
        .collect()
}

fn decode(text: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, after @ ..] = rest {
        let triplet = match rest {
            [b'%', high, low, ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                std::str::from_utf8(&rest[1..3]).ok().and_then(|digits| u8::from_str_radix(digits, 16).ok())
            }
            _ => None,
        };
        decoded.push(triplet.unwrap_or(*first));
        rest = if triplet.is_some() { &rest[3..] } else { after };
    }
    decoded
}
