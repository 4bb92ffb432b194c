//! Nothing that a client sends starts a second line, adds a field, or moves the cursor of a terminal.

use super::logged::Logged;
use crate::support::raw::RawClient;
use crate::support::recorder::Script;
use crate::support::relay::get;

#[tokio::test]
async fn a_line_stays_a_line() {
    let trusting = "trusted_proxies = [\"127.0.0.1/32\"]";
    let logged = Logged::start(&[], trusting, |_| Script::ok("")).await;
    let long = format!("/api/{}", "x".repeat(5000));
    let targets = [
        "/api/%0d%0a2026-11-22T00:00:00Z%20INFO%20access:%20id=%22forged%22",
        "/api/%0a",
        "/api/%1b[31m%1b[2J",
        "/api/%00",
        "/api/\"%22=\u{27}",
        "/api/a=b,status=200",
        "/nowhere/%0D%0Aaccess:",
        "/api/x?%0d%0aaccess:",
        "/api/x?\u{e9}\u{2028}",
        "/\u{85}\u{2028}\u{202e}",
        "*",
        &long,
    ];
    let headers = [
        "X-Request-Id: a b status=200",
        "X-Request-Id: \u{9b}31m\u{2028}",
        "X-Request-Id: \"quoted\\",
        "X-Forwarded-For: 1.2.3.4 status=200, x\u{2028}y",
        "User-Agent: x\u{2028}access: ",
    ];
    let mut sent = 0;
    for target in targets {
        for header in headers {
            let mut client = RawClient::connect(logged.addr).await;
            client.send(get(target, &[header])).await;
            client.response().await;
            sent += 1;
        }
    }
    let lines = logged.lines().await;
    assert_eq!(lines.len(), sent + 1, "{lines:#?}");
    for line in &lines {
        assert!(line.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()), "{line:?}");
        assert_eq!(line.matches(" status=").count(), 1, "{line}");
        assert!(line.len() < 1600, "{} bytes: {line}", line.len());
    }
}
