//! What the page is to those who have no JavaScript, and what its answers tell browsers.

use super::{Operated, get};

#[tokio::test]
async fn without_javascript_it_has_the_state_of_the_moment() {
    let operated = Operated::start("");
    let addr = operated.url.trim_start_matches("http://").trim_end_matches('/').parse().unwrap();
    let document = get(addr, "/").await.unwrap();
    for part in [
        "<noscript>".to_owned(),
        "<h2>Pool api</h2>".to_owned(),
        format!("<td>http://{}</td>", operated.one.addr),
        "<td>/static</td><td>static</td>".to_owned(),
        "href=\"api/v1/pools\"".to_owned(),
    ] {
        assert!(document.contains(&part), "{part} in {document}");
    }
}

#[tokio::test]
async fn browsers_are_told_to_take_nothing_from_elsewhere() {
    let operated = Operated::start("");
    let addr = operated.url.trim_start_matches("http://").trim_end_matches('/').parse().unwrap();
    for (path, kind, cached, policy) in [
        ("/", "text/html", "no-store", "script-src 'self'; style-src 'self'; connect-src 'self'"),
        ("/page.css", "text/css", "no-cache", "default-src 'none'"),
        ("/page.js", "text/javascript", "no-cache", "default-src 'none'"),
    ] {
        let answer = get(addr, path).await.unwrap().to_lowercase();
        let head = answer.split("\r\n\r\n").next().unwrap();
        for line in [
            format!("content-type: {kind}; charset=utf-8"),
            format!("cache-control: {cached}"),
            policy.to_owned(),
            "default-src 'none'".to_owned(),
            "frame-ancestors 'none'".to_owned(),
            "x-content-type-options: nosniff".to_owned(),
            "referrer-policy: no-referrer".to_owned(),
        ] {
            assert!(head.contains(&line), "{line} of {path} in {head}");
        }
    }
}
