use axum::http::StatusCode;
use axum::http::header::{ETAG, IF_NONE_MATCH};
use serde_json::json;

use super::asset::Asset;
use super::*;

/// All text from the gateway is set as text. What makes markup or code of a text is not there, nor what keeps a secret.
#[test]
fn the_page_has_no_way_to_take_text_for_markup_or_to_keep_a_token() {
    for name in [
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "setHTML",
        "document.write",
        "DOMParser",
        "createContextualFragment",
        "eval(",
        "Function(",
        "srcdoc",
        "javascript:",
        "localStorage",
        "sessionStorage",
        "indexedDB",
        "document.cookie",
        "caches",
        "http:/",
        "https:/",
    ] {
        let allowed = match name {
            "http:/" => ["http://www.w3.org/2000/svg", "http://localhost", "http://${front}"].as_slice(),
            _ => &[],
        };
        for text in [SCRIPT, STYLE, DOCUMENT] {
            let text = allowed.iter().fold(text.to_owned(), |text, allowed| text.replace(allowed, ""));
            assert!(!text.contains(name), "{name}");
        }
    }
}

#[test]
fn the_document_has_nothing_inline_that_its_policy_forbids() {
    for forbidden in [" style=", " onclick=", " onload=", "<style", "<script>"] {
        assert!(!DOCUMENT.contains(forbidden), "{forbidden}");
    }
    assert_eq!(DOCUMENT.matches(SUMMARY).count(), 1);
    assert_eq!(DOCUMENT.matches("<script").count(), 1);
}

#[test]
fn a_file_is_sent_once() {
    let asset = Asset::new("text/css", "a {}");
    let first = asset.answer(&HeaderMap::new());
    assert_eq!(first.status(), StatusCode::OK);
    assert_eq!(first.headers()["cache-control"], "no-cache");
    let tag = first.headers()[ETAG].to_str().unwrap();
    let weak = format!("\"other\", W/{tag}");
    for (known, status) in [(tag, 304), (&weak, 304), ("*", 304), ("\"other\"", 200), ("", 200)] {
        let asked = HeaderMap::from_iter([(IF_NONE_MATCH, known.parse().unwrap())]);
        assert_eq!(asset.answer(&asked).status().as_u16(), status, "{known}");
    }
}

#[test]
fn without_javascript_the_state_is_there_and_nothing_is_markup() {
    let status = json!({ "version": "1", "not_ready": ["pool <a>: nobody"], "generation": { "number": 4 } });
    let endpoint = json!({ "url": "http://a/?x='\"&", "state": "ejected", "why": "<img src=x onerror=alert(1)>", "requests": 3 });
    let pools = json!({ "pools": [{ "name": "<b>", "endpoints": vec![endpoint; 201] }] });
    let page = plain::summary(
        &status,
        &pools,
        &json!({ "routes": [{ "name": "/api", "match": "/api", "to": "api" }] }),
    );
    for part in [
        "Not ready: pool &lt;a&gt;: nobody. Version 1, generation 4 since –.",
        "<h2>Pool &lt;b&gt;</h2>",
        "<td>http://a/?x=&#39;&quot;&amp;</td><td>ejected</td><td>&lt;img src=x onerror=alert(1)&gt;</td><td>–</td><td>3</td>",
        "<p>And 1 more.</p>",
        "<td>/api</td><td>/api</td><td>api</td>",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
    assert!(!page.contains("<img") && !page.contains("<b>"));
}
