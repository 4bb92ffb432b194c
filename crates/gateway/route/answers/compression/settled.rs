//! Puts right what tower-http has left to do.

use axum::body::Body;
use axum::http::header::{CONTENT_ENCODING, ETAG};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode};
use bytes::Bytes;
use tower_http::compression::CompressionBody;

use super::body::Placed;
use super::judged::Judgement;
use crate::route::answers::changed::Change;

/// Puts an answer right that tower-http has compressed, or not.
#[derive(Clone, Copy, Debug)]
pub struct Settle;

impl Change<Response<CompressionBody<Body>>> for Settle {
    type Changed = Response<Body>;

    fn change(self, mut response: Response<CompressionBody<Body>>) -> Response<Body> {
        let Some(Judgement { status, place }) = response.extensions_mut().remove() else {
            return response.map(Body::new);
        };
        if response.status() == StatusCode::NOT_ACCEPTABLE {
            *response.status_mut() = status;
        }
        // What isn't fit may have had a coding before.
        let place = place.filter(|_| response.headers().contains_key(CONTENT_ENCODING));
        match place {
            None => response.map(Body::new),
            Some(place) => {
                weaken(response.headers_mut());
                response.map(|body| Body::new(Placed::new(body, place)))
            }
        }
    }
}

/// Other bytes of the same answer have a weak tag (RFC 9110 §8.8.1).
fn weaken(headers: &mut HeaderMap) {
    let Some(tag) = headers.get(ETAG).filter(|tag| !tag.as_bytes().starts_with(b"W/")) else { return };
    let weak = Bytes::from([b"W/", tag.as_bytes()].concat());
    match HeaderValue::from_maybe_shared(weak) {
        Ok(weak) => drop(headers.insert(ETAG, weak)),
        Err(_) => drop(headers.remove(ETAG)),
    }
}
