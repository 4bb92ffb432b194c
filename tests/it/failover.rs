//! What was not sent goes to another upstream. What may have been sent is sent again only where that can do no harm,
//! and a POST never reaches an upstream twice.

mod fresh;
mod race;
mod stale;
mod unsent;

use crate::support::ask::{Content, Shape};
use crate::support::recorder::Script;

/// A way for a connection to end before its answer.
type Death = (&'static str, fn() -> Script);

const fn shape(method: &'static str, content: Content) -> Shape {
    Shape { method, content }
}

/// Methods by whether sending a request twice does the same as sending it once (RFC 9110, 9.2.2).
const IDEMPOTENT: [Shape; 7] = [
    shape("GET", Content::None),
    shape("HEAD", Content::None),
    shape("OPTIONS", Content::None),
    shape("DELETE", Content::None),
    shape("PUT", Content::None),
    shape("PUT", Content::Length),
    shape("PUT", Content::Chunked),
];
const NOT_IDEMPOTENT: [Shape; 5] = [
    shape("POST", Content::None),
    shape("POST", Content::Length),
    shape("POST", Content::Chunked),
    shape("PATCH", Content::Length),
    shape("BREW", Content::None),
];
