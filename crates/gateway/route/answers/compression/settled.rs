//! Puts right what tower-http has left to do.

use axum::body::Body;
use axum::http::header::CONTENT_ENCODING;
use axum::http::{Response, StatusCode};
use http_body::Body as _;
use tower_http::compression::CompressionBody;

use super::body::Placed;
use super::judged::{Fitness, Judgement};
use super::tag::weaken;
use crate::route::answers::changed::Change;

/// Puts an answer right that tower-http has compressed, or not.
#[derive(Clone, Copy, Debug)]
pub struct Settle;

impl Change<Response<CompressionBody<Body>>> for Settle {
    type Changed = Response<Body>;

    fn change(self, mut response: Response<CompressionBody<Body>>) -> Response<Body> {
        let Some(Judgement { status, fitness }) = response.extensions_mut().remove() else {
            return response.map(Body::new);
        };
        if response.status() == StatusCode::NOT_ACCEPTABLE {
            *response.status_mut() = status;
        }
        // What isn't fit may have had a coding before.
        let is_compressed = response.headers().contains_key(CONTENT_ENCODING);
        match fitness {
            Fitness::Fit(place) if is_compressed => {
                weaken(response.headers_mut());
                response.map(|body| Body::new(Placed::new(body, place)))
            }
            Fitness::HeadAlone if is_compressed => {
                weaken(response.headers_mut());
                response.map(|body| of_no_length(body.into_inner()))
            }
            _ => response.map(CompressionBody::into_inner),
        }
    }
}

/// The empty body of an answer to HEAD. One that isn't empty would say how long it is.
fn of_no_length(body: Body) -> Body {
    if body.is_end_stream() { body } else { Body::empty() }
}
