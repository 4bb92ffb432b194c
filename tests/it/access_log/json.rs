//! `--log-format json`: each line is an object.

use std::collections::BTreeMap;
use std::iter::Peekable;
use std::str::Chars;

use super::logged::Logged;
use crate::support::raw::RawClient;
use crate::support::recorder::Script;
use crate::support::relay::get;

/// A flat JSON object of strings and numbers, parsed by as much of RFC 8259 as is used here; strings are unescaped.
fn object(line: &str) -> Option<BTreeMap<String, String>> {
    let mut rest = line.strip_prefix('{')?.strip_suffix('}')?.chars().peekable();
    let mut object = BTreeMap::new();
    loop {
        let name = string(&mut rest)?;
        rest.next_if_eq(&':')?;
        let value = if rest.peek() == Some(&'"') { string(&mut rest)? } else { number(&mut rest)? };
        if object.insert(name, value).is_some() {
            return None;
        }
        match rest.next() {
            None => return Some(object),
            Some(comma) => (comma == ',').then_some(())?,
        }
    }
}

fn string(rest: &mut Peekable<Chars<'_>>) -> Option<String> {
    rest.next_if_eq(&'"')?;
    let mut string = String::new();
    loop {
        match rest.next()? {
            '"' => return Some(string),
            '\\' => string.push(match rest.next()? {
                'n' => '\n',
                plain @ ('"' | '\\' | '/') => plain,
                _ => return None,
            }),
            c if c.is_control() => return None,
            c => string.push(c),
        }
    }
}

fn number(rest: &mut Peekable<Chars<'_>>) -> Option<String> {
    let mut digits = String::new();
    while let Some(digit) = rest.next_if(char::is_ascii_digit) {
        digits.push(digit);
    }
    digits.parse::<u64>().ok().map(|_| digits)
}

#[tokio::test]
async fn every_access_line_is_an_object_with_the_same_fields() {
    let logged = Logged::start(&["--log-format", "json"], "", |_| Script::ok("abc")).await;
    for (number, (target, status, path)) in [
        ("/api/x?secret", "200", "/api/x"),
        ("/api/\"},{\"status\":\"x", "200", "/api/\\\"},{\\\"status\\\":\\\"x"),
        ("/api/\\n", "400", "/api/\\\\n"),
        ("/nowhere", "404", "/nowhere"),
        ("/dead/x", "502", "/dead/x"),
    ]
    .into_iter()
    .enumerate()
    {
        let id = format!("json-{number}\"\\");
        let request = get(target, &[&format!("X-Request-Id: {id}")]);
        let mut client = RawClient::connect(logged.addr).await;
        client.send(request).await;
        assert_eq!(client.response().await.status().to_string(), status, "{target}");
        let line = logged.raw_line(&format!("\"json-{number}\\\"\\\\\"")).await;
        let fields = object(&line).unwrap_or_else(|| panic!("no JSON object: {line}"));
        for (name, value) in [
            ("level", "INFO"),
            ("target", "access"),
            ("id", &id),
            ("client", "127.0.0.1"),
            ("method", "GET"),
            ("path", path),
            ("status", status),
        ] {
            assert_eq!(fields.get(name).map(String::as_str), Some(value), "{line}");
        }
        for name in ["timestamp", "bytes", "duration_us", "head_us", "tries"] {
            assert!(fields.contains_key(name), "no {name} in {line}");
        }
        // Numbers are numbers.
        assert!(line.contains(&format!("\"status\":{status},")), "{line}");
    }
    for line in logged.text().lines() {
        assert!(object(line).is_some(), "no JSON object: {line}");
    }
    assert!(!logged.text().contains("secret"));
}

#[test]
fn the_reader_of_objects_can_say_no() {
    for (line, is_one) in [
        ("{\"a\":\"b\",\"c\":1}", true),
        ("{\"a\":\"\\\"\"}", true),
        ("{\"a\":\"\"\"}", false),
        ("{\"a\":b}", false),
        ("{\"a\":1,\"a\":2}", false),
        ("{\"a\":1}{\"b\":2}", false),
        ("INFO {\"a\":1}", false),
    ] {
        assert_eq!(object(line).is_some(), is_one, "{line}");
    }
}
