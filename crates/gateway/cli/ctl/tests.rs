use axum::body::Body;

use super::columns::{Columns, duration};
use super::stream::{Event, Events, Told};
use super::trouble::Trouble;
use super::*;

#[test]
fn columns_are_aligned_and_numbers_end_below_each_other() {
    let mut table = Columns::new(["NAME", "N", "WHY"]);
    table.add(["a".into(), "7".into(), String::new()]);
    table.add(["longer".into(), "123".into(), "be\u{1b}[31mcause".into()]);
    assert_eq!(table.text(), "NAME      N  WHY\na         7\nlonger  123  be\u{fffd}[31mcause\n");
}

#[test]
fn durations() {
    for (seconds, expected) in
        [(0.0, "0s"), (59.9, "59s"), (61.0, "1m 1s"), (3600.0, "1h 0m"), (90_061.0, "1d 1h"), (-1.0, "0s")]
    {
        assert_eq!(duration(seconds), expected);
    }
}

#[tokio::test]
async fn events_are_read_however_they_are_cut() {
    let text = ": hello\n\nevent: tick\ndata: {\"a\":\ndata: 1}\n\ndata: plain\n\nevent: empty\n\nevent: cut\ndata: x";
    let expected = [("tick", "{\"a\":\n1}"), ("", "plain")];
    for size in [1, 2, 7, text.len()] {
        let pieces: Vec<_> =
            text.as_bytes().chunks(size).map(|piece| Ok::<_, std::io::Error>(piece.to_vec())).collect();
        let mut events = Events::read_from(Body::from_stream(futures_util::stream::iter(pieces)));
        for (name, data) in expected {
            let event = events.next().await.unwrap();
            assert_eq!(event, Some(Event { name: name.into(), data: data.into() }), "{size}");
        }
        assert_eq!(events.next().await.unwrap(), None, "{size}");
    }
}

#[test]
fn only_changes_of_state_are_told() {
    let pools = |state: &str| Event {
        name: "pools".into(),
        data: format!(
            r#"{{"pools":[{{"name":"api","endpoints":[{{"url":"http://a","state":"{state}","why":"five failures"}}]}}]}}"#
        ),
    };
    let mut told = Told::default();
    assert_eq!(told.text(&pools("available")), "");
    assert_eq!(told.text(&pools("ejected")), "api  http://a  is ejected  five failures\n");
    assert_eq!(told.text(&pools("ejected")), "");
}

/// An upstream's own error has no name, a request that couldn't be read no path, and the first second no sample.
#[test]
fn what_the_gateway_doesn_t_know_is_a_dash() {
    let failure = r#"{"at":"12:00","request_id":null,"client":null,"method":null,"path":null,"route":null,"upstream":"http://a","status":503,"error":null}"#;
    let event = |name: &str, data: String| Event { name: name.into(), data };
    let mut told = Told::default();
    let line = told.text(&event("failure", failure.to_owned()));
    assert_eq!(line, "12:00  error  503 at http://a: - - (request -)\n");
    let tick = r#"{"status":{"ready":true},"pools":[],"routes":[],"sample":null}"#;
    assert_eq!(told.text(&event("tick", tick.to_owned())), "");
    let errors = serde_json::from_str(&format!("{{\"errors\":[{failure}]}}")).unwrap();
    let table = report::errors(&errors);
    let row: Vec<&str> = table.lines().nth(1).unwrap().split_whitespace().collect();
    assert_eq!(row, ["12:00", "503", "-", "-", "-", "-", "http://a", "-"], "{table}");
}

#[test]
fn what_can_t_be_used_is_said() {
    for (place, is_usable) in [
        ("127.0.0.1:9900", true),
        ("http://127.0.0.1:9900", true),
        ("[::1]:9900", true),
        ("unix:/run/gateway.sock", true),
        ("localhost:9900", true),
        ("ftp://a", false),
        ("unix:relative", false),
        ("", false),
    ] {
        let connection = Connection::new(Some(place), None);
        assert_eq!(connection.is_ok(), is_usable, "{place}: {connection:?}");
    }
    let trouble = Connection::new(Some("a:1"), Some("/nowhere/token".as_ref())).unwrap_err();
    assert!(matches!(&trouble, Trouble::Here(why) if why.contains("/nowhere/token")), "{trouble}");
}
