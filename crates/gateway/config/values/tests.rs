use std::time::UNIX_EPOCH;

use toml::de::DeValue;

use super::*;

/// Reads a TOML value with `read`. Returns the result or the text of the error.
fn outcome<T>(toml: &str, read: impl Fn(&Value<'_>) -> Result<T, Problem>) -> Result<T, String> {
    let value = DeValue::parse(toml).unwrap();
    read(&value).map_err(|problem| format!("{}, expected {}", problem.message, problem.expected.unwrap()))
}

#[test]
fn durations() {
    for (toml, millis) in [
        (r#""5s""#, 5_000),
        (r#""500ms""#, 500),
        (r#""1m 30s""#, 90_000),
        (r#""1m30s""#, 90_000),
        (r#""4.2s""#, 4_200),
        (r#""365d""#, 365 * 86_400_000),
    ] {
        assert_eq!(outcome(toml, duration), Ok(Duration::from_millis(millis)), "{toml}");
    }
    for toml in [
        r#""""#,
        r#""5""#,
        r#""s""#,
        r#""-5s""#,
        r#""0s""#,
        r#""0""#,
        r#""366d""#,
        r#""1e9y""#,
        "5",
        "5.0",
        "true",
    ] {
        assert!(outcome(toml, duration).is_err(), "{toml}");
    }
}

#[test]
fn durations_have_a_least() {
    let read = duration_from(Duration::from_millis(100));
    assert_eq!(outcome(r#""100ms""#, &read), Ok(Duration::from_millis(100)));
    let short = Err("99ms is too short, expected at least 100ms".to_owned());
    assert_eq!(outcome(r#""99ms""#, &read), short);
    assert!(outcome(r#""366d""#, &read).is_err());
}

#[test]
fn choices_are_written_as_they_are_called() {
    let read = |value: &Value<'_>| choice("\"one\" or \"two\"", [("one", 1), ("two", 2)])(value);
    assert_eq!(outcome(r#""two""#, read), Ok(2));
    for (toml, refused) in [
        (r#""twoo""#, "found \"twoo\", expected \"one\" or \"two\" (did you mean two?)"),
        (r#""Two""#, "found \"Two\", expected \"one\" or \"two\" (did you mean two?)"),
        (r#""seven""#, "found \"seven\", expected \"one\" or \"two\""),
        ("2", "found an integer, expected \"one\" or \"two\""),
    ] {
        assert_eq!(outcome(toml, read), Err(refused.to_owned()), "{toml}");
    }
}

#[test]
fn booleans() {
    assert_eq!((outcome("true", boolean), outcome("false", boolean)), (Ok(true), Ok(false)));
    assert_eq!(outcome("0", boolean), Err("found an integer, expected true or false".to_owned()));
    for (toml, is_off) in [("false", true), ("true", false), ("0", false), (r#""false""#, false)] {
        assert_eq!(is_false(&DeValue::parse(toml).unwrap()), is_off, "{toml}");
    }
}

#[test]
fn sizes() {
    let any = size::<u64>(0..=u64::MAX);
    for (toml, bytes) in [
        ("0", 0),
        ("65_536", 65_536),
        ("0x10", 16),
        (r#""64KiB""#, 65_536),
        (r#""64 kib""#, 65_536),
        (r#""64k""#, 65_536),
        (r#""100M""#, 100 << 20),
        (r#""2 G""#, 2 << 30),
        (r#""10MB""#, 10_000_000),
        (r#""1GiB""#, 1 << 30),
        (r#""12""#, 12),
        (r#""12B""#, 12),
        ("9223372036854775807", 9_223_372_036_854_775_807),
    ] {
        assert_eq!(outcome(toml, &any), Ok(bytes), "{toml}");
    }
    for toml in [
        "-1",
        "1.5",
        r#""""#,
        r#""KiB""#,
        r#""1.5MiB""#,
        r#""64KBit""#,
        r#""64 T""#,
        r#""18446744073709551615GiB""#,
        r#""-1B""#,
    ] {
        assert!(outcome(toml, &any).is_err(), "{toml}");
    }
    assert_eq!(
        outcome(r#""1KiB""#, size::<usize>(8192..=16384)),
        Err("1024 bytes is out of range, expected 8192 to 16384 bytes".to_owned())
    );
}

#[test]
fn counts() {
    let few = count::<u8>(1..=300);
    assert_eq!(outcome("1", &few), Ok(1));
    assert_eq!(outcome("255", &few), Ok(255));
    for toml in ["0", "256", "301", "-1", "1.0", "99999999999999999999", r#""1""#] {
        assert!(outcome(toml, &few).is_err(), "{toml}");
    }
}

#[test]
fn networks() {
    for (toml, expected) in [
        (r#""10.0.0.0/8""#, "10.0.0.0/8"),
        (r#""10.1.2.3""#, "10.1.2.3/32"),
        (r#""::1""#, "::1/128"),
        (r#""fd00::/8""#, "fd00::/8"),
        (r#""0.0.0.0/0""#, "0.0.0.0/0"),
    ] {
        assert_eq!(outcome(toml, network).map(|network| network.to_string()), Ok(expected.to_owned()));
    }
    for toml in [
        r#""10.0.0.0/33""#,
        r#""10.0.0""#,
        r#""localhost""#,
        r#""""#,
        "10",
        r#""10.0.0.1/8""#,
        r#""::ffff:10.0.0.0/104""#,
    ] {
        assert!(outcome(toml, network).is_err(), "{toml}");
    }
}

#[test]
fn timestamps() {
    for (toml, seconds) in [
        ("1970-01-01T00:00:00Z", 0),
        ("2027-01-01T00:00:00Z", 1_798_761_600),
        (r#""2027-01-01T00:00:00Z""#, 1_798_761_600),
        ("2027-01-01 02:00:00+02:00", 1_798_761_600),
        ("2026-12-31T18:30:00-05:30", 1_798_761_600),
    ] {
        assert_eq!(outcome(toml, timestamp), Ok(UNIX_EPOCH + Duration::from_secs(seconds)), "{toml}");
    }
    for toml in [
        "2027-01-01",
        "2027-01-01T00:00:00",
        "00:00:00",
        r#""tomorrow""#,
        r#""2027-02-30T00:00:00Z""#,
        "1969-12-31T23:59:59Z",
        "0000-01-01T00:00:00Z",
        "1798761600",
    ] {
        assert!(outcome(toml, timestamp).is_err(), "{toml}");
    }
}

#[test]
fn quotes_escape_and_shorten() {
    assert_eq!(quoted("a\"\u{1b}[31m"), r#""a\"\u{1b}[31m""#);
    assert_eq!(quoted(&"é".repeat(61)), format!("\"{}…\"", "é".repeat(60)));
    assert_eq!(quoted(&"é".repeat(60)), format!("\"{}\"", "é".repeat(60)));
}
