//! `/events`: a snapshot, and then what changes, as server-sent events (`text/event-stream` of the HTML standard).
//!
//! All readers look at the same renderings. A reader is asked for its next event only when the last one is on its way, so
//! one that is slow skips ticks, and nothing is queued for it.

mod feed;
mod stream;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use tokio::sync::Semaphore;

use self::feed::Feed;
use self::stream::Events;
use super::desk::Desk;
use super::problem::Problem;

/// How many may read at a time.
const MOST_READERS: usize = 64;

const FULL: Problem = Problem::fixed(StatusCode::SERVICE_UNAVAILABLE, "64 readers have the events already");

/// Answers a GET with the events.
pub(super) fn events() -> MethodRouter<Desk> {
    let (feed, places) = (Arc::new(Feed::new()), Arc::new(Semaphore::new(MOST_READERS)));
    get(move |State(desk): State<Desk>| std::future::ready(begin(desk, &feed, &places)))
}

fn begin(desk: Desk, feed: &Arc<Feed>, places: &Arc<Semaphore>) -> Response {
    let Ok(place) = Arc::clone(places).try_acquire_owned() else { return FULL.into_response() };
    let kind = HeaderValue::from_static("text/event-stream");
    let events = Events::new(desk, Arc::clone(feed), place);
    ([(CONTENT_TYPE, kind)], Body::new(events)).into_response()
}
