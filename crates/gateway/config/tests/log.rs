//! `[log]` and `[log.access]`.

use std::path::PathBuf;
use std::time::Duration;

use super::refused::snapshot;
use super::*;
use crate::config::{
    AccessFormat, AccessLog, Comparison, Condition, Destination, Detail, Log, LogFormat, NumberField, Part,
    Share, StageField,
};

fn with(log: &str) -> String {
    format!("{log}\n{MINIMAL}")
}

fn read(log: &str) -> Log {
    parse(with(log)).unwrap_or_else(|errors| panic!("{errors}")).log
}

fn access(keys: &str) -> AccessLog {
    read(&format!("[log.access]\n{keys}")).access.unwrap()
}

#[test]
fn without_it_there_is_the_usual_log() {
    let usual = Log { access: Some(AccessLog::default()), ..Log::default() };
    for log in ["", "[log]", "[log.access]", "[log]\nformat = \"text\"\nto = \"stderr\""] {
        assert_eq!(read(log), usual, "{log}");
    }
    assert_eq!(access(""), AccessLog::default());
}

#[test]
fn every_key_has_its_effect() {
    assert_eq!(read("[log]\nformat = \"json\"").format, LogFormat::Json);
    assert_eq!(read("[log]\naccess = false").access, None);
    for (to, destination) in [
        ("stdout", Destination::Stdout),
        ("syslog", Destination::Syslog(None)),
        ("syslog:/run/log", Destination::Syslog(Some("/run/log".into()))),
        ("file:/var/log/a", Destination::File("/var/log/a".into())),
        ("file:a:b", Destination::File(PathBuf::from("a:b"))),
    ] {
        assert_eq!(read(&format!("[log]\nto = \"{to}\"")).to, destination);
        assert_eq!(access(&format!("to = \"{to}\"")).to, Some(destination));
    }
    assert_eq!(access("format = \"text\"").format, Some(AccessFormat::Text));
    assert_eq!(access("format = \"json\"").format, Some(AccessFormat::Json));
    let Some(AccessFormat::Template(template)) = access("format = \"a {status}\"").format else { panic!() };
    assert_eq!(template.parts.first(), Some(&Part::Text("a ".to_owned())));
    assert_eq!(access("fields = \"full\"").fields, Some(Detail::Full));
    assert!(access("user_agent = true").user_agent && access("referrer = true").referrer);
    for (sample, share) in [("0", 0.0), ("1", 1.0), ("0.1", 0.1), ("1e-3", 0.001)] {
        assert_eq!(access(&format!("sample = {sample}")).sample, Share(share));
    }
    let server_error = Condition::Number(NumberField::Status, Comparison::AtLeast, 500);
    let slow = Condition::Stage(StageField::Duration, Comparison::Greater, Duration::from_secs(1));
    let both = Some(Condition::Any(vec![server_error, slow]));
    for key in ["\"status >= 500 or duration > 1s\"", "'status >= 500 or duration > 1s'"] {
        assert_eq!(access(&format!("only = {key}")).only, both);
        assert_eq!(access(&format!("always = {key}")).always, both);
    }
}

#[test]
fn what_is_refused() {
    let cases = [
        ("a form that there isn't", "[log]\nformat = \"xml\""),
        ("no destination", "[log]\nto = \"sdterr\""),
        ("a file without a path", "[log]\nto = \"file:\""),
        ("a socket without a path", "[log]\nto = \"syslog:daemon\""),
        ("a slip", "[log.access]\nonyl = \"error\""),
        ("all are not a table", "[log]\naccess = true"),
        ("no such field", "[log.access]\nformat = \"{client} {metod}\""),
        ("a form of nginx's", "[log.access]\nformat = '$remote_addr \"$request\" $status'"),
        ("a brace alone", "[log.access]\nformat = \"{client} }\""),
        ("no such field to compare", "[log.access]\nonly = \"status >= 500 or durtion > 1s\""),
        ("a time without its unit", "[log.access]\nalways = 'duration > 1'"),
        ("a place behind an escape", "[log.access]\nonly = \"method = \\\"GET\\\" and statsu = 1\""),
        ("no share", "[log.access]\nsample = 10"),
        ("no number", "[log.access]\nsample = \"10%\""),
    ];
    snapshot("log", cases.map(|(name, log)| (name, with(log))));
}
