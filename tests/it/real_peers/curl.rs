//! curl as a client.

use std::process::Output;
use std::time::{Duration, Instant};

use tokio::process::Command;

use crate::support::recorder::{Answer, Script, Step};
use crate::support::relay::Relay;
use crate::support::{tools, within};

const PROTOCOLS: [&str; 2] = ["--http1.1", "--http2-prior-knowledge"];

/// Runs curl on a path of the gateway; `None` if curl is not installed. It fails when curl fails.
async fn curl(relay: &Relay, path: &str, args: &[&str]) -> Option<Output> {
    let program = tools::require("curl")?;
    let mut command = Command::new(program);
    command.args(["--silent", "--show-error", "--noproxy", "*"]).args(args);
    command.arg(format!("http://{}{path}", relay.gateway.addr)).kill_on_drop(true);
    let output = within("curl", command.output()).await.unwrap();
    assert!(output.status.success(), "{args:?}: {output:?}");
    Some(output)
}

fn lines(output: &Output) -> Vec<String> {
    String::from_utf8_lossy(&output.stdout).lines().map(|line| line.trim_end().to_owned()).collect()
}

#[tokio::test]
async fn gets() {
    let relay = Relay::plain(|_| Script::answer(Answer::new(200).chunks(["one", "two"]))).await;
    for protocol in PROTOCOLS {
        let path = "/api/a%2Fb?x=1";
        let Some(output) = curl(&relay, path, &[protocol, "-i", "-w", "\n%{http_version}"]).await else {
            return;
        };
        let lines = lines(&output);
        let (head, version) =
            if protocol == "--http1.1" { ("HTTP/1.1 200 Scripted", "1.1") } else { ("HTTP/2 200", "2") };
        assert_eq!((lines[0].as_str(), lines.last().unwrap().as_str()), (head, version));
        assert!(lines.contains(&"onetwo".to_owned()), "{lines:#?}");
        let seen = relay.upstream.requests().pop().unwrap();
        assert_eq!(
            (seen.target.as_str(), seen.headers.one("x-forwarded-for")),
            ("/a%2Fb?x=1", Some("127.0.0.1"))
        );
        assert!(seen.headers.one("user-agent").unwrap().starts_with("curl/"));
    }
    relay.upstream.assert_clean();
}

#[tokio::test]
async fn heads() {
    let relay = Relay::plain(|_| Script::ok("hello")).await;
    for protocol in PROTOCOLS {
        let Some(output) = curl(&relay, "/api/x", &[protocol, "--head"]).await else { return };
        let lines = lines(&output);
        assert!(lines.contains(&"content-length: 5".to_owned()), "{lines:#?}");
        assert_eq!(relay.upstream.requests().pop().unwrap().method, "HEAD");
    }
}

#[tokio::test]
async fn posts() {
    let relay = Relay::plain(|_| Script::echo()).await;
    for protocol in PROTOCOLS {
        for header in ["A: b", "Transfer-Encoding: chunked"] {
            // HTTP/2 has no chunks.
            if protocol != "--http1.1" && header.starts_with('T') {
                continue;
            }
            let Some(output) = curl(&relay, "/api/x", &[protocol, "-d", "a=1&b=%20", "-H", header]).await
            else {
                return;
            };
            assert_eq!(lines(&output), ["a=1&b=%20"], "{protocol} {header}");
        }
    }
    relay.upstream.assert_clean();
}

/// curl sends `Expect: 100-continue` before a body of this size, and waits for the 100: here, for longer than the test
/// would.
#[tokio::test]
async fn uploads_two_mebibytes_after_a_100_continue() {
    const SIZE: usize = 2 << 20;
    let relay = Relay::plain(|request| {
        let mut script = Script::echo();
        if request.headers.lists("expect", "100-continue") {
            script.0.insert(0, Step::go_on());
        }
        script
    })
    .await;
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("upload");
    let content: Vec<u8> = (0..SIZE).map(|at| (at * 31 % 251) as u8).collect();
    std::fs::write(&file, &content).unwrap();
    let upload = format!("@{}", file.display());
    // Over HTTP/2 the listener sends no 100, so curl doesn't ask for one there.
    for (protocol, expect) in PROTOCOLS.into_iter().zip(["Expect: 100-continue", "Expect:"]) {
        let args = [protocol, "-v", "-H", expect, "--expect100-timeout", "9", "--data-binary", &upload];
        let began = Instant::now();
        let Some(output) = curl(&relay, "/api/x", &args).await else { return };
        assert!(began.elapsed() < Duration::from_secs(8), "{protocol}: curl got no word");
        assert!(output.stdout == content, "{} bytes came back", output.stdout.len());
        let talk = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(talk.contains("< HTTP/1.1 100 Continue"), protocol == "--http1.1", "{talk}");
    }
    let asked: Vec<_> =
        relay.upstream.requests().iter().map(|request| request.headers.has("expect")).collect();
    assert_eq!(asked, [true, false], "the upstream is asked in its turn");
    relay.upstream.assert_clean();
}

#[tokio::test]
async fn is_refused_before_it_uploads() {
    let relay = Relay::plain(|_| Script::answer(Answer::new(413).body("no")).before_body()).await;
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("upload");
    std::fs::write(&file, vec![b'x'; 2 << 20]).unwrap();
    let upload = format!("@{}", file.display());
    let args = ["-H", "Expect: 100-continue", "--expect100-timeout", "9", "--data-binary", &upload];
    let args = [&args[..], &["-w", "%{http_code} %{size_upload}"]].concat();
    let Some(output) = curl(&relay, "/api/x", &args).await else { return };
    assert_eq!(lines(&output), ["no413 0"], "not a byte was uploaded");
}
