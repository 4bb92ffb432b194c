//! Files, over sockets.

use super::ask;
use crate::support::h2::H2Client;
use crate::support::recorder::Script;
use crate::support::relay::Relay;

const LARGE: usize = 256 << 10;

async fn relay(keys: &str) -> (tempfile::TempDir, Relay) {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().join("www");
    std::fs::create_dir_all(root.join("sub")).unwrap();
    std::fs::write(directory.path().join("secret"), "the canary sings").unwrap();
    std::fs::write(root.join("index.html"), "home").unwrap();
    std::fs::write(root.join("sub/index.html"), "sub").unwrap();
    std::fs::write(root.join("large.bin"), vec![b'x'; LARGE]).unwrap();
    let routes = format!("[routes.\"/static\"]\nfiles = {{ root = '{}'{keys} }}", root.display());
    let relay = Relay::start("", &routes, |_| Script::ok("upstream")).await;
    (directory, relay)
}

#[tokio::test]
async fn they_are_found_below_the_prefix() {
    let (_files, relay) = relay("").await;
    for (target, status, text) in
        [("/static/", 200, "home"), ("/static/sub/", 200, "sub"), ("/static/none", 404, "Not Found\n")]
    {
        let answer = ask(&relay, "GET", target, &[]).await;
        assert_eq!((answer.status(), &*answer.text()), (status, text), "{target}");
    }
    for target in ["..", "%2e%2e", ".%2e", "..%2f..", "/", "%00", "sub/../..", "sub/..%5c.."] {
        let answer = ask(&relay, "GET", &format!("/static/{target}/secret"), &[]).await;
        assert!(
            matches!(answer.status(), 400 | 404) && !answer.text().contains("canary"),
            "{target}: {answer:?}"
        );
    }
    let moved = ask(&relay, "GET", "/static/sub?x", &[]).await;
    assert_eq!((moved.status(), moved.header("location")), (301, Some("./sub/?x")));
    for method in ["GET", "HEAD"] {
        let moved = ask(&relay, method, "/static?x=//y", &[]).await;
        assert_eq!((moved.status(), moved.header("location")), (301, Some("./static/?x=//y")), "{method}");
    }
    assert_eq!(ask(&relay, "POST", "/static", &["Content-Length: 0"]).await.status(), 405);
    assert_eq!(ask(&relay, "POST", "/static/", &["Content-Length: 0"]).await.status(), 405);
    assert!(relay.upstream.requests().is_empty());
}

#[tokio::test]
async fn large_ones_come_whole_and_in_parts() {
    let (_files, relay) = relay("").await;
    let whole = ask(&relay, "GET", "/static/large.bin", &[]).await;
    assert_eq!(
        (whole.status(), whole.body.bytes.len(), whole.header("content-length")),
        (200, LARGE, Some("262144"))
    );
    let part = ask(&relay, "GET", "/static/large.bin", &["Range: bytes=262138-"]).await;
    assert_eq!((part.status(), &*part.text()), (206, "xxxxxx"));
    let head = ask(&relay, "HEAD", "/static/large.bin", &[]).await;
    assert_eq!((head.status(), head.header("content-length")), (200, Some("262144")));
    let mut client = H2Client::connect(relay.gateway.addr).await;
    assert_eq!(client.get("/static/large.bin").await.body.len(), LARGE);
}

#[tokio::test]
async fn where_there_is_none_a_page_may_draw_itself() {
    let (_files, relay) = relay(", fallback = \"index.html\"").await;
    let answer = ask(&relay, "GET", "/static/users/7", &[]).await;
    assert_eq!((answer.status(), &*answer.text()), (200, "home"));
    assert_eq!(ask(&relay, "GET", "/static/.env", &[]).await.status(), 404);
}

/// On several workers each reads with threads of its own.
#[tokio::test]
async fn many_clients_read_at_once() {
    let (_files, relay) = relay("").await;
    let asking = (0..16).map(|_| ask(&relay, "GET", "/static/large.bin", &[]));
    for answer in futures_util::future::join_all(asking).await {
        assert_eq!(answer.body.bytes.len(), LARGE);
    }
}
