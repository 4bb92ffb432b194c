//! The service that hyper calls. It passes each request to the app, and prepares the response.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http::header::{COOKIE, HeaderMap};
use http::{Request, Response, StatusCode, Uri};
use http_body::Body;
use hyper::body::Incoming;
use pin_project_lite::pin_project;
use tower::util::Oneshot;

use super::activity::Activity;
use super::delivered::Delivered;
use super::upload::Upload;
use crate::serve::Limits;
use crate::serve::limits::over_limit;
use crate::serve::request_body::RequestBody;

/// Makes a hyper service from a Tower service. The Tower service is cloned for each request and polled until it is
/// ready.
#[derive(Clone, Debug)]
pub(super) struct Entrance<S> {
    service: S,
    activity: Arc<Activity>,
    limits: Limits,
}

impl<S> Entrance<S> {
    pub(super) fn new(service: S, activity: Arc<Activity>, limits: Limits) -> Self {
        Self { service, activity, limits }
    }

    fn refusal<B>(&self, request: &Request<B>) -> Option<StatusCode> {
        if target_bytes(request.uri()) > self.limits.uri_bytes {
            over_limit("limits.uri");
            Some(StatusCode::URI_TOO_LONG)
        } else if has_more_fields(request.headers(), self.limits.header_fields) {
            over_limit("limits.header_fields");
            Some(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE)
        } else {
            None
        }
    }
}

impl<S, B> hyper::service::Service<Request<Incoming>> for Entrance<S>
where
    S: tower::Service<Request<RequestBody>, Response = Response<B>, Error = Infallible> + Clone,
    B: Body + Default,
{
    type Response = Response<Delivered<B>>;
    type Error = Infallible;
    type Future = Answer<Oneshot<S, Request<RequestBody>>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        self.activity.request_received();
        let request = request.map(|body| RequestBody::from(Upload::new(body, self.limits.linger)));
        let patience = self.limits.write_stall;
        match self.refusal(&request) {
            Some(status) => Answer::Refused { status, patience },
            None => Answer::Accepted { answer: Oneshot::new(self.service.clone(), request), patience },
        }
    }
}

/// Whether there are more fields than `limit`. HTTP/2 may split `Cookie` into several lines (RFC 9113 section 8.2.3),
/// which count as one.
fn has_more_fields(headers: &HeaderMap, limit: usize) -> bool {
    headers.len() > limit && {
        let crumbs = headers.get_all(COOKIE).iter().count();
        headers.len() - crumbs.saturating_sub(1) > limit
    }
}

fn target_bytes(uri: &Uri) -> usize {
    let scheme = uri.scheme_str().map_or(0, |scheme| scheme.len() + "://".len());
    let authority = uri.authority().map_or(0, |authority| authority.as_str().len());
    let path_and_query = uri.path_and_query().map_or(0, |path| path.as_str().len());
    scheme + authority + path_and_query
}

pin_project! {
    /// The response of the app, or a refusal by the listener. `patience` is that of [`Delivered`].
    #[project = Projected]
    #[derive(Debug)]
    pub(super) enum Answer<F> {
        Refused { status: StatusCode, patience: Duration },
        Accepted { #[pin] answer: F, patience: Duration },
    }
}

impl<F, B> Future for Answer<F>
where
    F: Future<Output = Result<Response<B>, Infallible>>,
    B: Body + Default,
{
    type Output = Result<Response<Delivered<B>>, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(Ok(match self.project() {
            Projected::Accepted { answer, patience } => {
                let Ok(response) = ready!(answer.poll(cx));
                response.map(|body| Delivered::new(body, *patience))
            }
            Projected::Refused { status, patience } => {
                let mut response = Response::new(Delivered::new(B::default(), *patience));
                *response.status_mut() = *status;
                response
            }
        }))
    }
}
