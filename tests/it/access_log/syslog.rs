//! The system's log daemon, by a socket that is one.

use tokio::net::UnixDatagram;

use super::logged::Logged;
use crate::support::raw::RawClient;
use crate::support::recorder::Script;
use crate::support::within;

/// Waits for a message with this text.
async fn message(daemon: &UnixDatagram, text: &str) -> String {
    let mut bytes = [0; 16 << 10];
    let found = async {
        loop {
            let length = daemon.recv(&mut bytes).await.unwrap();
            let message = String::from_utf8_lossy(&bytes[..length]).into_owned();
            if message.contains(text) {
                return message;
            }
        }
    };
    within(text, found).await
}

#[tokio::test]
async fn each_line_is_a_message() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("daemon");
    let daemon = UnixDatagram::bind(&path).unwrap();
    for (log, begins) in [
        (format!("[log]\nto = \"syslog:{}\"\n", path.display()), " INFO access: id=\"one\" "),
        (format!("[log.access]\nformat = \"line {{id}}\"\nto = \"syslog:{}\"\n", path.display()), "line one"),
    ] {
        let logged = Logged::start(&[], &log, |_| Script::ok("abc")).await;
        let mut client = RawClient::connect(logged.addr).await;
        client.exchange(b"GET /api/x HTTP/1.1\r\nHost: t\r\nX-Request-Id: one\r\n\r\n", "GET").await;
        let message = message(&daemon, begins).await;
        assert!(message.starts_with("<30>") && message.contains(" gateway["), "{message}");
        assert!(!message.contains('\n'), "{message}");
        assert!(!logged.text().contains("one"), "{}", logged.text());
    }
}
