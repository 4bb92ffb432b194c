//! Answers compressed on the way.

use std::process::Stdio;
use std::sync::Arc;

use tokio::process::Command;
use tokio::sync::Notify;

use super::{ask, route};
use crate::support::raw::RawClient;
use crate::support::recorder::{Answer, Script, Step};
use crate::support::relay::{Relay, get};
use crate::support::{tools, within};

fn page() -> String {
    "all work and no play ".repeat(1000)
}

/// curl and other programs read what was compressed.
#[tokio::test]
async fn curl_reads_each_coding() {
    let relay = Relay::start("", &route("compression = true"), |_| {
        Script::answer(Answer::new(200).header("content-type", "text/html").body(page()))
    })
    .await;
    let Some(curl) = tools::require("curl") else { return };
    for (coding, protocol) in [
        ("gzip", "--http1.1"),
        ("br", "--http2-prior-knowledge"),
        ("zstd", "--http1.1"),
        ("gzip", "--http2-prior-knowledge"),
    ] {
        let mut command = Command::new(&curl);
        command.args([
            "-sS",
            "--noproxy",
            "*",
            protocol,
            "--compressed",
            "-H",
            &format!("Accept-Encoding: {coding}"),
        ]);
        command.args(["-w", "%{size_download} %header{content-encoding}"]);
        command.arg(format!("http://{}/", relay.gateway.addr)).stdin(Stdio::null()).kill_on_drop(true);
        let output = within("curl", command.output()).await.unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let Some(rest) = text.strip_prefix(&page()) else { panic!("{coding}: {output:?}") };
        let (size, said) = rest.split_once(' ').unwrap();
        assert!(size.parse::<usize>().unwrap() < 500 && said == coding, "{coding}: {rest}");
    }
}

#[tokio::test]
async fn what_is_compressed_or_small_stays() {
    let relay = Relay::start(
        "",
        &route("compression = { min_size = \"100B\", algorithms = [\"gzip\"] }"),
        |request| {
            let answer = Answer::new(200).header("content-type", "text/plain");
            Script::answer(match request.target.as_str() {
                "/small" => answer.body("x".repeat(99)),
                "/br" => answer.header("content-encoding", "br").body("x".repeat(200)),
                "/part" => answer.header("content-range", "bytes 0-199/300").body("x".repeat(200)),
                _ => answer.header("etag", "\"1\"").body("x".repeat(200)),
            })
        },
    )
    .await;
    for (path, coding) in [("/small", None), ("/br", Some("br")), ("/part", None), ("/", Some("gzip"))] {
        let answer = ask(&relay, "GET", path, &["Accept-Encoding: gzip, br"]).await;
        assert_eq!(answer.header("content-encoding"), coding, "{path}");
    }
    let answer = ask(&relay, "GET", "/", &["Accept-Encoding: gzip"]).await;
    assert_eq!((answer.header("etag"), answer.header("vary")), (Some("W/\"1\""), Some("accept-encoding")));
    assert_eq!(answer.header("content-length"), None);
    let plain = ask(&relay, "GET", "/", &[]).await;
    assert_eq!((plain.header("content-encoding"), plain.header("content-length")), (None, Some("200")));
    for (lines, coding, length, tag) in
        [(&["Accept-Encoding: gzip"][..], Some("gzip"), None, "W/\"1\""), (&[], None, Some("200"), "\"1\"")]
    {
        let head = ask(&relay, "HEAD", "/", lines).await;
        assert_eq!((head.header("content-encoding"), head.header("content-length")), (coding, length));
        assert_eq!((head.header("etag"), head.header("vary")), (Some(tag), Some("accept-encoding")));
        assert!(head.body.bytes.is_empty() && head.body.is_complete(), "{head:?}");
    }
}

/// Nothing waits inside for more: what came is sent at once.
#[tokio::test]
async fn each_piece_arrives_before_the_next_is_sent() {
    for (media_type, coding) in [("text/plain", Some("gzip")), ("text/event-stream", None)] {
        let tick = Arc::new(Notify::new());
        let upstream_tick = Arc::clone(&tick);
        let relay = Relay::start("", &route("compression = true"), move |_| {
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: {media_type}\r\nTransfer-Encoding: chunked\r\n\r\n"
            );
            let mut script = Script::default().then(Step::Send(head.into()));
            for _ in 0..3 {
                script = script.then(Step::Send("5\r\nhello\r\n".into()));
                script = script.then(Step::AwaitSignal(Arc::clone(&upstream_tick)));
            }
            script.then(Step::Send("0\r\n\r\n".into()))
        })
        .await;
        let mut client = RawClient::connect(relay.gateway.addr).await;
        client.send(get("/", &["Accept-Encoding: gzip"])).await;
        let mut response = client.response_head("GET").await;
        assert_eq!(response.header("content-encoding"), coding, "{media_type}");
        for _ in 0..3 {
            within("a piece", client.piece(&mut response)).await.unwrap();
            tick.notify_one();
        }
        while client.piece(&mut response).await.is_some() {}
        assert!(response.body.is_complete());
    }
}

/// A body that breaks off is no whole one for having been compressed.
#[tokio::test]
async fn what_breaks_off_looks_broken() {
    let relay = Relay::start("", &route("compression = true"), |_| {
        let head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 9000\r\n\r\n";
        Script::default().then(Step::Send([head, &"x".repeat(5000)].concat().into())).then(Step::Close)
    })
    .await;
    let answer = ask(&relay, "GET", "/", &["Accept-Encoding: gzip"]).await;
    assert!(!answer.body.is_complete());
}
