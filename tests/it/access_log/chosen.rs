//! Which requests have a line.

use super::logged::Logged;
use crate::support::raw::RawClient;
use crate::support::recorder::Script;

/// The requests that have a line, of some that are alike but for what `chosen` may ask for. They are in the order of their
/// ids, since lines of several workers have none.
async fn logged(chosen: &str) -> Vec<String> {
    let log = format!("[log.access]\nformat = \"log {{id}}\"\nto = \"stdout\"\n{chosen}\n");
    let mut logged = Logged::start(&[], &log, |_| Script::ok("abc")).await;
    for (target, method, id) in [
        ("/api/x", "GET", "good"),
        ("/api/x", "DELETE", "delete"),
        ("/nowhere", "GET", "missing"),
        ("/dead/x", "GET", "dead"),
    ] {
        let request = format!("{method} {target} HTTP/1.1\r\nHost: t\r\nX-Request-Id: {id}\r\n\r\n");
        RawClient::connect(logged.addr).await.exchange(request.as_bytes(), method).await;
    }
    logged.stop().await;
    let lines = logged.all();
    let mut ids: Vec<_> =
        lines.lines().filter_map(|line| line.strip_prefix("log ")).map(str::to_owned).collect();
    ids.sort();
    ids
}

#[tokio::test]
async fn those_that_the_conditions_pick() {
    for (chosen, expected) in [
        ("", vec!["dead", "delete", "good", "missing"]),
        ("only = \"status >= 400\"", vec!["dead", "missing"]),
        ("only = \"status >= 500 or method = DELETE\"", vec!["dead", "delete"]),
        ("only = \"error\"", vec!["dead"]),
        ("only = \"not route\"", vec!["missing"]),
        ("only = \"path begins /api and ended = complete\"", vec!["delete", "good"]),
        ("only = \"error = connection_refused and client = 127.0.0.1\"", vec!["dead"]),
        ("only = \"duration > 1h\"", vec![]),
        ("only = \"duration > 0s and head < 1h and tries = 0\"", vec!["missing"]),
        ("sample = 0", vec![]),
        ("sample = 0\nalways = \"status = 502\"", vec!["dead"]),
        ("only = \"method = GET\"\nalways = \"method = DELETE\"", vec!["dead", "delete", "good", "missing"]),
    ] {
        assert_eq!(logged(chosen).await, expected, "{chosen}");
    }
}
