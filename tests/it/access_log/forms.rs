//! Lines with a form of their own.

use super::logged::Logged;
use crate::support::h2::{self, H2Client};
use crate::support::raw::RawClient;
use crate::support::recorder::{Answer, Script};

async fn logged(log: &str) -> Logged {
    let log = format!("[log.access]\n{log}\n");
    Logged::start(&[], &log, |_| Script::answer(Answer::new(201).chunks(["abc", "de"]))).await
}

#[tokio::test]
async fn a_template_has_what_it_names() {
    let format = "{id}: {client} {method} {path} {protocol} {host} {status} {bytes_in}>{bytes} {tries} \
                  {route} {upstream} {error} {ended} {tls} \\\"{user_agent}\\\" {referrer} {{x}}";
    let logged = logged(&format!("format = \"{format}\"\nto = \"stdout\"")).await;
    let upstream = logged.upstream.url();
    let agent = "User-Agent: a \"b\"\u{9b}";
    let mut client = RawClient::connect(logged.addr).await;
    client
        .send(format!(
            "POST /api/x?secret HTTP/1.1\r\nHost: test:1\r\nX-Request-Id: one\r\n{agent}\r\n\
             Referer: http://a/b?secret\r\nContent-Length: 4\r\n\r\nabcd"
        ))
        .await;
    client.response_to("POST").await;
    assert_eq!(
        logged.raw_line("one: ").await,
        format!(
            "one: 127.0.0.1 POST /api/x HTTP/1.1 test:1 201 4>5 1 /api {upstream} - complete - \
             \"a \\\"b\\\"\\xc2\\x9b\" http://a/b {{x}}"
        )
    );
    let request = http::Request::get("http://other/nowhere").header("x-request-id", "two");
    let answer = H2Client::connect(logged.addr).await.send(request.body(h2::empty()).unwrap()).await.unwrap();
    h2::collect(answer).await;
    assert_eq!(
        logged.raw_line("two: ").await,
        "two: 127.0.0.1 GET /nowhere HTTP/2.0 other 404 0>10 0 - - - complete - \"-\" - {x}"
    );
    assert!(!logged.all().contains("secret"));
    assert!(!logged.text().contains(" access: "), "nothing goes the usual way");
}

#[tokio::test]
async fn times_are_numbers_in_both_units() {
    let format = "{id}: {time} {duration} {duration_us} {head} {body} {body_us} {connect}";
    let logged = logged(&format!("format = \"{format}\"")).await;
    RawClient::connect(logged.addr)
        .await
        .exchange(b"GET /api/x HTTP/1.1\r\nHost: t\r\nX-Request-Id: one\r\n\r\n", "GET")
        .await;
    let line = logged.raw_line("one: ").await;
    let [time, duration, duration_us, head, body, body_us, connect] =
        line.strip_prefix("one: ").unwrap().split(' ').collect::<Vec<_>>()[..]
    else {
        panic!("{line}")
    };
    assert!(time.starts_with("20") && time.ends_with('Z') && time.len() == 27, "{line}");
    let micros = |seconds: &str| {
        let (whole, rest) = seconds.split_once('.').unwrap();
        assert_eq!(rest.len(), 6, "{line}");
        whole.parse::<u64>().unwrap() * 1_000_000 + rest.parse::<u64>().unwrap()
    };
    assert_eq!(micros(duration), duration_us.parse::<u64>().unwrap(), "{line}");
    assert_eq!(micros(body), body_us.parse::<u64>().unwrap(), "{line}");
    assert!(micros(head) + micros(body) <= micros(duration) + 1, "{line}");
    assert!(connect == "-" || micros(connect) <= micros(head), "{line}");
}

/// Text and JSON may have all fields, and what is off by default.
#[tokio::test]
async fn all_fields_are_there_if_asked_for() {
    for (format, form) in [("text", "fields = \"full\""), ("json", "format = \"json\"")] {
        let logged = logged(&format!("{form}\nuser_agent = true\nreferrer = true")).await;
        let request = "PUT /api/x HTTP/1.1\r\nHost: t:1\r\nX-Request-Id: one\r\nUser-Agent: me 1\r\n\
                       Referer: http://a/?b\r\nContent-Length: 2\r\n\r\nab";
        RawClient::connect(logged.addr).await.exchange(request.as_bytes(), "PUT").await;
        let line = logged.raw_line("\"one\"").await;
        for (name, value) in [
            ("id", "\"one\""),
            ("status", "201"),
            ("bytes", "5"),
            ("tries", "1"),
            ("host", "\"t:1\""),
            ("protocol", "\"HTTP/1.1\""),
            ("bytes_in", "2"),
            ("ended", "\"complete\""),
            ("user_agent", "\"me 1\""),
            ("referrer", "\"http://a/\""),
        ] {
            let field = match format {
                "text" => format!(" {name}={value}"),
                _ => format!("\"{name}\":{value}"),
            };
            assert!(line.contains(&field), "{field} in {line}");
        }
        assert!(line.contains("body_us"), "{line}");
        if format == "json" {
            serde_json::from_str::<serde_json::Value>(&line).unwrap();
        }
    }
}

#[tokio::test]
async fn none_are_written_where_there_are_to_be_none() {
    let mut logged = Logged::start(&[], "[log]\naccess = false\n", |_| Script::ok("abc")).await;
    let mut client = RawClient::connect(logged.addr).await;
    assert_eq!(client.get("/api/x").await.text(), "abc");
    assert_eq!(client.get("/nowhere").await.status(), 404);
    logged.stop().await;
    assert!(!logged.text().contains(" access: "), "{}", logged.text());
}
