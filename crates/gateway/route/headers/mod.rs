//! What a route changes of header fields.

mod changes;
mod nominated;
mod request;
mod response;
#[cfg(test)]
mod tests;
mod trailers;

use axum::body::Body;
use axum::http::{HeaderName, Request, Response};
use tower::ServiceBuilder;

pub(super) use self::changes::remove_where;
pub(super) use self::nominated::protect;
pub use self::request::{ChangedRequests, RequestHeadersLayer};
pub use self::response::{ChangedResponses, ResponseHeadersFuture, ResponseHeadersLayer};
pub use self::trailers::{ChangedTrailers, TrailersFuture, TrailersLayer, WithChangedTrailers};
use super::chain::Chain;
use crate::config::{FieldChanges, Headers};

/// Changes the fields of a route's requests.
pub(super) fn on_requests(chain: Chain, headers: &Headers) -> Chain {
    match headers.request.is_nothing() {
        true => chain,
        false => {
            let layer = RequestHeadersLayer::new(&headers.request);
            chain.map_request(move |request: &mut Request<Body>| layer.apply(request))
        }
    }
}

/// Changes the trailers of a route, both ways. It has to come before a body is read to be sent again: then it is sent with
/// the trailers that it has there.
pub(super) fn on_trailers(chain: Chain, headers: &Headers) -> Chain {
    changed(chain, &headers.request_trailers, &headers.response_trailers)
}

/// Takes these fields out of the trailers of a route's requests.
pub(super) fn kept_from_trailers(chain: Chain, names: impl IntoIterator<Item = HeaderName>) -> Chain {
    let changes = FieldChanges { remove: names.into_iter().collect(), ..FieldChanges::default() };
    changed(chain, &changes, &FieldChanges::default())
}

fn changed(chain: Chain, of_requests: &FieldChanges, of_answers: &FieldChanges) -> Chain {
    if of_requests.is_nothing() && of_answers.is_nothing() {
        return chain;
    }
    let boxed = ServiceBuilder::new()
        .map_response(|response: Response<ChangedTrailers<Body>>| response.map(Body::new))
        .layer(TrailersLayer::new(of_requests, of_answers))
        .map_request(|request: Request<ChangedTrailers<Body>>| request.map(Body::new));
    chain.layer(boxed.into_inner())
}

/// Changes the fields of a route's answers.
pub(super) fn on_answers(chain: Chain, headers: &Headers) -> Chain {
    match headers.response.is_nothing() {
        true => chain,
        false => chain.layer(ResponseHeadersLayer::new(&headers.response, headers.when)),
    }
}
