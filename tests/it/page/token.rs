//! With admin tokens the page asks for one, and keeps it nowhere.

use serde_json::json;

use super::{Operated, get};
use crate::support::browser::Browser;

const TOKENS: &str = "[admin]\nlisten = \"127.0.0.1:0\"\nadmin_tokens = [\"open-0123456789abcdef\"]\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_asked_once_and_kept_in_memory_only() {
    let operated = Operated::start(TOKENS);
    let addr = operated.url.trim_start_matches("http://").trim_end_matches('/').parse().unwrap();
    let document = get(addr, "/").await.unwrap();
    assert!(document.contains("<title>gateway</title>") && !document.contains("<h2>Pool"), "{document}");

    let Some(mut browser) = Browser::start().await else { return };
    browser.open(&operated.url).await;
    browser.until("document.activeElement.id === 'token'").await;
    enter(&mut browser, "a guess").await;
    browser
        .until("document.getElementById('token-why').textContent.startsWith('That token was refused')")
        .await;
    enter(&mut browser, "open-0123456789abcdef").await;
    browser.until("document.getElementById('headline').textContent === 'All 3 pools are well.'").await;
    assert_eq!(browser.eval("document.getElementById('entrance').hidden").await, true);

    let kept = browser.eval("localStorage.length + sessionStorage.length + document.cookie.length").await;
    assert_eq!(kept, 0);
    assert_eq!(browser.eval("document.documentElement.outerHTML.includes('open-0123456789')").await, false);
    assert_eq!(browser.eval("document.getElementById('token').value").await, "");
    // Chromium itself writes of answers that are refusals. There is nothing else.
    let others =
        browser.complaints().iter().filter(|text| !text.contains("the server responded with a status of 40"));
    assert_eq!(others.count(), 0, "{:#?}", browser.complaints());

    browser.open(&operated.url).await;
    browser.until("document.activeElement.id === 'token'").await;
}

/// Types a text where the focus is, and presses Enter.
async fn enter(browser: &mut Browser, text: &str) {
    browser.call("Input.insertText", json!({ "text": text })).await;
    for kind in ["keyDown", "keyUp"] {
        let key = json!({ "type": kind, "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "text": "\r" });
        browser.call("Input.dispatchKeyEvent", key).await;
    }
}
