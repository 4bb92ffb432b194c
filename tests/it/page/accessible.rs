//! What axe finds (the rules of WCAG 2 that a program can check), light and dark, on a desktop and a phone; and that text
//! which looks like markup stays text.

use serde_json::json;

use super::{Operated, get};
use crate::support::browser::{Browser, View};
use crate::support::tools::require_fetched;

/// `.ci/run` fetches it: `npm pack axe-core`.
const AXE: &str = "axe-core/package/axe.min.js";

/// Each rule that is broken, with the elements that break it.
const FOUND: &str = "axe.run().then(found => found.violations
    .map(one => `${one.id}: ${one.nodes.map(node => node.html).join(' ')}`).join('\\n'))";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn axe_finds_nothing() {
    let (Some(axe), Some(mut browser)) = (require_fetched(AXE), Browser::start().await) else { return };
    let operated = Operated::start("");
    operated.one.shutdown.abort();
    for width in [1440, 390] {
        for scheme in ["light", "dark"] {
            let view = View { width, height: 900, scheme };
            browser.look(view).await;
            browser.open(&operated.url).await;
            browser.until("document.querySelectorAll('#headline[data-level=\"3\"]').length > 0").await;
            get(operated.gateway.addr, "/static/x.png").await.unwrap();
            browser.until("document.querySelectorAll('#errors tbody tr').length > 0").await;
            let scrolled = browser.eval("document.documentElement.scrollWidth > innerWidth").await;
            assert_eq!(scrolled, false, "{view:?} is wider than the screen");
            browser.eval(&format!("{axe};0")).await;
            let found = browser.eval(FOUND).await;
            assert_eq!(found, "", "{view:?}");
        }
    }
    assert!(browser.complaints().is_empty(), "{:#?}", browser.complaints());
}

/// Has the page get markup wherever the API has a text of somebody else's.
const HOSTILE: &str = r#"{
    const real = fetch;
    const keys = 'name|match|prefix|to|pool|policy|url|why|error|path|method|route|upstream|client|request_id|status|version|digest|address';
    const texts = new RegExp(`"(${keys})":"[^"]*"`, 'g');
    const hostile = new TransformStream({
        transform: (chunk, sink) => sink.enqueue(new TextEncoder().encode(
            new TextDecoder().decode(chunk).replace(texts, '"$1":"<img src=x onerror=alert(1)>"'))),
    });
    window.fetch = async (...asked) => new Response((await real(...asked)).body.pipeThrough(hostile));
}"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn text_that_looks_like_markup_stays_text() {
    let Some(mut browser) = Browser::start().await else { return };
    let operated = Operated::start("");
    operated.one.shutdown.abort();
    browser.call("Page.addScriptToEvaluateOnNewDocument", json!({ "source": HOSTILE })).await;
    browser.open(&operated.url).await;
    for place in ["findings", "pools", "routes", "facts"] {
        let says = "textContent.includes('<img src=x onerror=alert(1)>')";
        browser.until(&format!("document.getElementById('{place}').{says}")).await;
    }
    assert_eq!(browser.eval("document.images.length").await, 0);
    assert!(browser.complaints().is_empty(), "{:#?}", browser.complaints());
}
