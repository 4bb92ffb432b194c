//! Puts what a route changes of answers around it. What it doesn't ask for isn't there.

use axum::body::Body;
use axum::http::Response;
use proxy_service::{CatchErrorBody, CatchErrorLayer};
use tower::util::MapResponseLayer;

#[cfg(feature = "compression")]
use super::CompressionLayer;
use super::{CorsLayer, ErrorsLayer, SecurityHeadersLayer};
use crate::config::{Answers, Errors};
use crate::panics::PanicsAreErrorsLayer;
use crate::route::Chain;

/// A panic is an error like others. Where a route compresses, those that `common` has for all are put here: what is put
/// around all routes comes too late to be compressed.
pub(in crate::route) fn with_errors(chain: Chain, answers: &Answers, common: Option<&Errors>) -> Chain {
    let common = common.filter(|_| answers.compression.is_some());
    let Some(errors) = answers.errors.as_ref().or(common) else { return chain };
    let boxed = MapResponseLayer::new(|response: Response<CatchErrorBody<Body>>| response.map(Body::new));
    chain.layer((ErrorsLayer::new(errors.clone()), boxed, CatchErrorLayer::new(), PanicsAreErrorsLayer))
}

pub(in crate::route) fn with_cors(chain: Chain, answers: &Answers) -> Chain {
    match &answers.cors {
        Some(cors) => chain.layer(CorsLayer::new(cors)),
        None => chain,
    }
}

#[cfg(feature = "compression")]
pub(in crate::route) fn compressed(chain: Chain, answers: &Answers) -> Chain {
    match &answers.compression {
        Some(compression) => chain.layer(CompressionLayer::new(compression.clone())),
        None => chain,
    }
}

/// Without the feature `compression`, no configuration asks for it.
#[cfg(not(feature = "compression"))]
pub(in crate::route) fn compressed(chain: Chain, _: &Answers) -> Chain {
    chain
}

pub(in crate::route) fn with_security_headers(chain: Chain, answers: &Answers) -> Chain {
    match &answers.security_headers {
        Some(headers) => chain.layer(SecurityHeadersLayer::new(headers.clone())),
        None => chain,
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use axum::body::to_bytes;
    use axum::http::{HeaderValue, Request};
    use tower::service_fn;

    use super::*;
    use crate::config::{Content, ErrorPage, ErrorStatuses};

    async fn read(chain: Chain) -> (u16, String) {
        let Ok(answer) = chain.handle(Request::new(Body::empty())).await;
        let status = answer.status().as_u16();
        let body = to_bytes(answer.into_body(), 1000).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn a_panic_has_the_routes_own_page() {
        let content = Content { bytes: "sorry".into(), media_type: HeaderValue::from_static("text/plain") };
        let page = ErrorPage { of: ErrorStatuses::Class(5), content };
        let errors = Errors { pages: vec![page], ..Errors::none() };
        for (errors, text) in [(errors, "sorry"), (Errors::none(), "Internal Server Error\n")] {
            let panicking = service_fn(async |_: Request<Body>| -> Result<Response<Body>, Infallible> {
                panic!("a panic that is expected")
            });
            let answers = Answers { errors: Some(errors), ..Answers::default() };
            let chain = with_errors(Chain::of(panicking), &answers, Some(&Errors::default()));
            assert_eq!(read(chain).await, (500, text.to_owned()));
        }
    }
}
