use std::process::{Command, Stdio};

use crate::config::{self, LogFormat};
use crate::observe::log;

/// The test below runs this in a process of its own, because the panic hook is set for a whole process.
#[test]
#[ignore = "panics on purpose"]
fn panics() {
    let format = if std::env::var_os("AS_JSON").is_some() { LogFormat::Json } else { LogFormat::Text };
    let log = log::init(&config::Log { format, ..config::Log::default() }).unwrap();
    let panicking = std::thread::Builder::new().name("unlucky".into()).spawn(|| panic!("at the {}", "disco"));
    panicking.unwrap().join().unwrap_err();
    drop(log);
}

#[test]
fn a_panic_is_a_line_of_the_log_whatever_its_filter() {
    for (is_json, filter) in [(false, "info"), (false, "off"), (true, "access=info")] {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["--exact", "observe::log::panics::tests::panics", "--ignored", "--nocapture"])
            .env("RUST_LOG", filter)
            .env_remove("RUST_BACKTRACE")
            .stdin(Stdio::null());
        if is_json {
            command.env("AS_JSON", "1");
        }
        let output = command.output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let log = String::from_utf8(output.stderr).unwrap();
        let line =
            log.lines().find(|line| line.contains("gateway::panic")).unwrap_or_else(|| panic!("{log}"));
        for part in
            ["ERROR", "panicked: at the disco", "unlucky", "crates/gateway/observe/log/panics/tests.rs:"]
        {
            assert!(line.contains(part), "no {part:?} in {line}");
        }
        assert_eq!(line.starts_with('{'), is_json, "{line}");
        assert_eq!(log.matches("disco").count(), 1, "{log}");
    }
}
