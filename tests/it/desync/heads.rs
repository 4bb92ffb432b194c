//! The head that goes upstream is made from what the gateway understood, not from the bytes that it received.

use super::parsers::Parsers;
use crate::support::syntax::latin1;

const ID: &str = "X-Request-Id: the-same\r\n";

/// The same request in other bytes.
#[tokio::test]
async fn spelling_does_not_reach_the_upstream() {
    let parsers = Parsers::start().await;
    let plain = format!("GET {{P}} HTTP/1.1\r\nHost: test\r\nX-A: 1\r\nX-A: 2\r\nX-B: b c\r\n{ID}\r\n");
    let spellings = [
        plain.clone(),
        plain.replace(": ", ":"),
        plain.replace(": ", ": \t "),
        plain.replace("1\r\n", "1 \t\r\n").replacen("HTTP/1.1 \t", "HTTP/1.1", 1),
        plain.replace("X-", "x-").replace("Host", "hOST"),
        format!("\r\n\r\n{plain}"),
        plain.replacen("Host", "Keep-Alive: timeout=5\r\nProxy-Connection: keep-alive\r\nHost", 1),
        plain.replacen("Host", "Connection: X-Hop\r\nX-Hop: 1\r\nHost", 1),
        plain.replacen("GET {P}", "GET http://test{P}", 1),
    ];
    for spelling in &spellings {
        parsers.send("/rb", "/x", spelling.as_bytes()).await.response().await.text();
    }
    let requests = parsers.strict.requests();
    assert_eq!(requests.len(), spellings.len());
    for (request, spelling) in requests.iter().zip(&spellings) {
        assert_eq!(sorted(&request.head), sorted(&requests[0].head), "{spelling:?}");
    }
    parsers.assert_clean();
}

#[tokio::test]
async fn long_names_pass_and_too_many_fields_do_not() {
    let parsers = Parsers::start().await;
    let name = "x".repeat(300);
    let send = async |fields: &str| {
        let bytes = format!("GET {{P}} HTTP/1.1\r\nHost: test\r\n{fields}\r\n");
        parsers.send("/rb", "/x", bytes.as_bytes()).await.response().await.status()
    };
    let numbered = |count: usize| -> String { (0..count).map(|n| format!("x-{n}: {n}\r\n")).collect() };

    assert_eq!(send(&format!("{name}: {name}\r\n")).await, 200);
    assert_eq!(send(&numbered(99)).await, 200);
    assert_eq!(send(&numbered(100)).await, 431);
    assert_eq!(send(&format!(": x\r\n{}", numbered(3))).await, 400);

    let requests = parsers.strict.requests();
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[0].headers.one(&name), Some(&*name));
    for n in 0..99 {
        assert_eq!(requests[1].headers.one(&format!("x-{n}")), Some(&*n.to_string()));
    }
    parsers.assert_clean();
}

/// The lines of a head. `HeaderMap` keeps only the order of lines of the same name, which is all that RFC 9110 §5.3
/// asks for.
fn sorted(head: &[u8]) -> Vec<String> {
    let mut lines: Vec<String> = head.split_inclusive(|byte| *byte == b'\n').map(latin1).collect();
    lines.sort_by_key(|line| line.split(':').next().map(str::to_owned));
    lines
}
