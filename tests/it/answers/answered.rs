//! Fixed answers.

use super::ask;
use crate::support::h2::H2Client;
use crate::support::recorder::Script;
use crate::support::relay::Relay;

const ROUTES: &str = r#"
[routes."/gone"]
respond = 410
[routes."/ok"]
respond = { status = 200, body = "ok\n", headers = { cache-control = "no-store" } }
[routes."/json"]
respond = { body = "{\"a\": 1}", content_type = "application/json" }
"#;

#[tokio::test]
async fn fixed_answers_need_no_upstream() {
    let relay = Relay::start("", ROUTES, |_| Script::ok("upstream")).await;
    for (path, status, media_type, text) in [
        ("/gone", 410, None, ""),
        ("/ok", 200, Some("text/plain; charset=utf-8"), "ok\n"),
        ("/ok/below?x", 200, Some("text/plain; charset=utf-8"), "ok\n"),
        ("/json", 200, Some("application/json"), "{\"a\": 1}"),
    ] {
        for method in ["GET", "POST", "DELETE"] {
            let answer = ask(&relay, method, path, &["Content-Length: 0"]).await;
            assert_eq!((answer.status(), answer.header("content-type")), (status, media_type), "{path}");
            assert_eq!(answer.text(), text, "{path}");
            assert!(answer.header("x-request-id").is_some());
        }
        let head = ask(&relay, "HEAD", path, &[]).await;
        assert_eq!((head.status(), head.text()), (status, String::new()));
        let length = Some(text.len().to_string()).filter(|_| !text.is_empty());
        assert_eq!(head.header("content-length"), length.as_deref());
    }
    assert_eq!(ask(&relay, "GET", "/ok", &[]).await.header("cache-control"), Some("no-store"));
    let mut client = H2Client::connect(relay.gateway.addr).await;
    let answer = client.get("/ok").await;
    assert_eq!((answer.status.as_u16(), &answer.body[..]), (200, &b"ok\n"[..]));
    assert!(relay.upstream.requests().is_empty());
}
