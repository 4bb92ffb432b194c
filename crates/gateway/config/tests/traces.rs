//! `[traces]`.

use super::*;

fn with(keys: &str) -> Result<Config, ConfigErrors> {
    parse(format!("[traces]\n{keys}\n{MINIMAL}"))
}

#[test]
fn are_off_unless_the_table_is_there() {
    assert_eq!(parse(MINIMAL).unwrap().traces, None);
    let traces = with("").unwrap().traces.unwrap();
    assert_eq!((traces.sample, traces.trust, &*traces.service), (0.01, false, "gateway"));
    assert!(traces.otlp.is_none() && traces.headers.is_empty());
    let traces = with("sample = 1\ntrust = true\nservice = \"edge\"\nheaders = { x-key = \"s3cret\" }");
    let traces = traces.unwrap().traces.unwrap();
    assert_eq!((traces.sample, traces.trust, &*traces.service), (1.0, true, "edge"));
    assert_eq!(traces.headers[0].1, "s3cret");
    assert!(!format!("{traces:?}").contains("s3cret"));
}

#[test]
fn what_makes_no_sense_is_refused_without_a_secret() {
    for (keys, why) in [
        ("sample = 1.5", "share from 0 to 1"),
        ("sample = -1", "share from 0 to 1"),
        ("sample = nan", "share from 0 to 1"),
        ("sample = \"all\"", "share from 0 to 1"),
        ("service = \"\"", "is empty"),
        ("headers = [\"s3cret\"]", "expected a table"),
        ("headers = { \"x key\" = \"s3cret\" }", "no name of a header field"),
        ("headers = { x-key = \"s3cret\\n\" }", "no value of a header field"),
        ("headers = { x-key = 1 }", "no text"),
        ("oltp = \"http://127.0.0.1\"", "one of otlp, sample"),
    ] {
        let errors = with(keys).unwrap_err().to_string();
        assert!(errors.contains(why) && !errors.contains("s3cret"), "{keys}: {errors}");
    }
}

#[cfg(feature = "otel")]
#[test]
fn a_collector_is_a_url() {
    let otlp = with("otlp = \"http://127.0.0.1:4318\"").unwrap().traces.unwrap().otlp;
    assert_eq!(otlp.unwrap().to_string(), "http://127.0.0.1:4318");
    assert!(with("otlp = \"127.0.0.1:4318\"").is_err());
}

#[cfg(not(feature = "otel"))]
#[test]
fn a_collector_takes_another_build() {
    let errors = with("otlp = \"http://127.0.0.1:4318\"").unwrap_err().to_string();
    assert!(errors.contains("the feature otel"), "{errors}");
}
