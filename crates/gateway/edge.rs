//! The outer layers around the routes, in the order in which a request goes through them.

mod recorded;

use std::convert::Infallible;
use std::sync::Arc;

use axum::BoxError;
use axum::body::Body;
use axum::http::{Request, Response};
use bytes::Bytes;
use proxy_service::CatchErrorLayer;
use tower::{Service, ServiceBuilder};

use self::recorded::RecordLayer;
use crate::admission;
use crate::asterisk::Asterisk;
use crate::bodiless::BodilessHeadLayer;
use crate::config::{Config, Errors};
use crate::observe::Audience;
use crate::panics::PanicsAreErrorsLayer;
use crate::redirect::Redirects;
use crate::request_id::RequestIdLayer;
use crate::route::answers::ErrorsLayer;
use crate::serve::RequestBody;
use crate::table::Table;

/// The settings of the outer layers.
#[derive(Debug)]
pub(crate) struct Edge {
    errors: Option<Errors>,
    /// The prefix that listeners don't redirect.
    spared: Option<&'static str>,
    audience: Arc<Audience>,
}

impl Edge {
    pub(crate) fn of(config: &Config, audience: Audience) -> Self {
        let audience = Arc::new(audience);
        Self { errors: config.errors.clone(), spared: None, audience }
    }

    /// Listeners that redirect don't redirect what is below this prefix.
    #[cfg(feature = "acme")]
    pub(crate) fn redirecting_all_but(self, prefix: &'static str) -> Self {
        Self { spared: Some(prefix), ..self }
    }

    /// Wraps the routes: request id, record and span, HEAD, pages for errors, errors, panics, admission.
    pub(crate) fn around(self, table: Table) -> impl Stack {
        let routes = Arc::clone(table.matcher());
        ServiceBuilder::new()
            .layer(RequestIdLayer)
            .layer(RecordLayer::new(self.audience))
            .layer(BodilessHeadLayer)
            .option_layer(self.errors.map(ErrorsLayer::new))
            .layer(CatchErrorLayer::new())
            .layer(PanicsAreErrorsLayer)
            .filter(move |request: Request<Body>| admission::admit(request, &routes))
            .service(Redirects::before(Asterisk::before(table), self.spared))
    }
}

/// The layers and what they are around: a type without a name, which is the same for every table.
pub(crate) trait Stack:
    Service<Request<RequestBody>, Response = Response<Self::Answer>, Error = Infallible, Future: Send>
    + Clone
    + Send
    + Sync
    + 'static
{
    /// The body of an answer.
    type Answer: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Default + Send + 'static;
}

impl<S, B> Stack for S
where
    S: Service<Request<RequestBody>, Response = Response<B>, Error = Infallible, Future: Send>,
    S: Clone + Send + Sync + 'static,
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Default + Send + 'static,
{
    type Answer = B;
}

#[cfg(test)]
mod tests;
