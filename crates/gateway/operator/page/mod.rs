//! The operator's page at `/`: one file a kind, part of the program, with nothing from elsewhere.
//!
//! - `index.html`, `page.css`, `js/`: the page, written by hand and served as it is. `js/` is one script in several files.
//! - `asset`: how such a file is answered.
//! - `plain`: what the page says without JavaScript.

mod asset;
mod plain;
#[cfg(test)]
mod tests;

use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::response::{Html, IntoResponse};
use axum::routing::get;

use self::asset::Asset;
use super::desk::Desk;
use super::view::{Pools, Routes, Status};

const DOCUMENT: &str = include_str!("index.html");
const STYLE: &str = include_str!("page.css");
/// One module: all its parts share a scope, so that there is one file to load.
const SCRIPT: &str = concat!(
    include_str!("js/words.js"),
    include_str!("js/dom.js"),
    include_str!("js/plots.js"),
    include_str!("js/verdict.js"),
    include_str!("js/talk.js"),
    include_str!("js/pools.js"),
    include_str!("js/tables.js"),
    include_str!("js/facts.js"),
    include_str!("js/explain.js"),
    include_str!("js/start.js"),
);

/// The page may load its own two files and ask its own listener. Nothing else, and nobody may frame it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
                      base-uri 'none'; frame-ancestors 'none'; form-action 'none'";

/// Where `index.html` has the state for readers without JavaScript.
const SUMMARY: &str = "<!-- summary -->";

/// `/`, `/page.css` and `/page.js`. They need no token: what the page asks for does.
pub(super) fn pages() -> Router<Desk> {
    let (style, script) =
        (Asset::new("text/css; charset=utf-8", STYLE), Asset::new("text/javascript; charset=utf-8", SCRIPT));
    Router::new()
        .route("/", get(document))
        .route("/page.css", get(move |asked: HeaderMap| std::future::ready(style.answer(&asked))))
        .route("/page.js", get(move |asked: HeaderMap| std::future::ready(script.answer(&asked))))
}

/// The page. Where no token is needed it has the state of this moment in it, for readers without JavaScript.
async fn document(State(desk): State<Desk>) -> impl IntoResponse {
    let is_open = desk.handle.scene().gate.is_none();
    let summary = if is_open { summary(&desk) } else { String::new() };
    ([(CONTENT_SECURITY_POLICY, POLICY)], Html(DOCUMENT.replacen(SUMMARY, &summary, 1)))
}

fn summary(desk: &Desk) -> String {
    plain::summary(&Status::of(desk), &Pools::of(&desk.handle), &Routes::of(&desk.handle))
}
