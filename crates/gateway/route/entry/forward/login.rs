//! Where people are sent who have to log in first.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, LOCATION, SET_COOKIE};
use http::request::Parts;
use http::{HeaderName, HeaderValue, Method, Response};

use crate::config::RouteRedirect;
use crate::route::answers::location;
use crate::route::template::Facts;

/// What browsers say a request is for (Fetch Metadata).
static SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

/// Where the sender of this request is sent. `None` if nobody would see the page there: what was sent would be lost, or a
/// script asks, for which a 401 says more.
pub(super) fn place(login: &RouteRedirect, head: &Parts) -> Option<HeaderValue> {
    let is_read = [Method::GET, Method::HEAD].contains(&head.method);
    let is_page = head.headers.get(&SEC_FETCH_MODE).is_none_or(|mode| mode == "navigate");
    if is_read && is_page { location(login, &Facts::of_head(head)) } else { None }
}

/// The answer in place of the service's own, whose cookies it keeps.
pub(super) fn answer(
    login: &RouteRedirect,
    place: HeaderValue,
    refusal: &Response<Bytes>,
) -> Response<Bytes> {
    let mut answer = Response::new(Bytes::new());
    *answer.status_mut() = login.status;
    let headers = answer.headers_mut();
    headers.insert(LOCATION, place);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    for cookie in refusal.headers().get_all(SET_COOKIE) {
        headers.append(SET_COOKIE, cookie.clone());
    }
    answer
}
