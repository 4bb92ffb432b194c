use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::time::Duration;

use super::*;

/// A log daemon's socket.
fn daemon(path: &Path) -> UnixDatagram {
    let socket = UnixDatagram::bind(path).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    socket
}

/// The next message: its priority, and its text behind the process.
fn next(daemon: &UnixDatagram) -> (u8, String) {
    let mut bytes = [0; 16 << 10];
    let length = daemon.recv(&mut bytes).unwrap();
    let message = str::from_utf8(&bytes[..length]).unwrap();
    let (priority, rest) = message.strip_prefix('<').unwrap().split_once('>').unwrap();
    let process = format!("gateway[{}]: ", std::process::id());
    let (_time, text) = rest.split_once(&process).unwrap_or_else(|| panic!("{message}"));
    (priority.parse().unwrap(), text.to_owned())
}

/// The daemon's facility, and the severity (RFC 3164 §4.1.1).
fn priority(severity: u8) -> u8 {
    (3 << 3) | severity
}

#[test]
fn each_line_is_a_message_with_its_level() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("log");
    let daemon = daemon(&path);
    let mut syslog = Syslog::connect(Some(&path)).unwrap();
    let time = "2026-11-29T09:14:29.123456Z";
    let lines = [
        (format!("{time}  INFO access: status=200"), 6),
        (format!("{time}  WARN gateway::log: ERROR"), 4),
        (format!("{time} ERROR gateway: x"), 3),
        (format!("{time} DEBUG gateway: x"), 7),
        (format!(r#"{{"timestamp":"{time}","level":"INFO","message":"ERROR"}}"#), 6),
        (format!(r#"{{"timestamp":"{time}","level":"WARN","message":"x"}}"#), 4),
        (format!(r#"{{"timestamp":"{time}","level":"ERROR","message":"x"}}"#), 3),
        ("127.0.0.1 GET /é".to_owned(), 6),
        (String::from("x"), 6),
    ];
    let all: String = lines.iter().map(|(line, _)| format!("{line}\n")).collect();
    syslog.write_all(all.as_bytes()).unwrap();
    for (line, severity) in lines {
        assert_eq!(next(&daemon), (priority(severity), line));
    }
}

#[test]
fn a_daemon_that_comes_back_is_connected_to_again() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("log");
    let first = daemon(&path);
    let mut syslog = Syslog::connect(Some(&path)).unwrap();
    syslog.write_all(b"one\n").unwrap();
    assert_eq!(next(&first).1, "one");
    drop(first);
    std::fs::remove_file(&path).unwrap();
    syslog.write_all(b"two\n").unwrap_err();
    let second = daemon(&path);
    syslog.write_all(b"two\n").unwrap();
    assert_eq!(next(&second).1, "two");
}

#[test]
fn a_long_line_is_cut() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("log");
    let daemon = daemon(&path);
    let mut syslog = Syslog::connect(Some(&path)).unwrap();
    syslog.write_all(("é".repeat(MOST) + "\n").as_bytes()).unwrap();
    assert_eq!(next(&daemon).1, "é".repeat(MOST / 2));
}
