//! Where a request leaves hyper and enters the app.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response, StatusCode, Uri};
use hyper::body::Incoming;
use pin_project_lite::pin_project;
use tower::util::Oneshot;

use super::Limits;
use super::activity::Activity;

/// A Tower service as a hyper service: cloned for every request, polled ready, called.
#[derive(Debug)]
pub(super) struct Entrance<S> {
    service: S,
    activity: Arc<Activity>,
    limits: Limits,
}

impl<S> Entrance<S> {
    pub(super) fn new(service: S, activity: Arc<Activity>, limits: Limits) -> Self {
        Self { service, activity, limits }
    }
}

impl<S, B> hyper::service::Service<Request<Incoming>> for Entrance<S>
where
    S: tower::Service<Request<Incoming>, Response = Response<B>, Error = Infallible> + Clone,
    B: Default,
{
    type Response = Response<B>;
    type Error = Infallible;
    type Future = Answer<Oneshot<S, Request<Incoming>>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        self.activity.request_received(&request);
        if target_bytes(request.uri()) > self.limits.uri_bytes {
            return Answer::Refused { status: StatusCode::URI_TOO_LONG };
        }
        // hyper counts HTTP/1's fields while it parses them, HTTP/2's not at all.
        if request.headers().len() > self.limits.header_fields {
            return Answer::Refused { status: StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE };
        }
        Answer::Accepted { answer: Oneshot::new(self.service.clone(), request) }
    }
}

fn target_bytes(uri: &Uri) -> usize {
    let scheme = uri.scheme_str().map_or(0, |scheme| scheme.len() + "://".len());
    let authority = uri.authority().map_or(0, |authority| authority.as_str().len());
    let path_and_query = uri.path_and_query().map_or(0, |path| path.as_str().len());
    scheme + authority + path_and_query
}

pin_project! {
    /// The app's answer, or ours.
    #[project = Projected]
    #[derive(Debug)]
    pub(super) enum Answer<F> {
        Refused { status: StatusCode },
        Accepted { #[pin] answer: F },
    }
}

impl<F, B> Future for Answer<F>
where
    F: Future<Output = Result<Response<B>, Infallible>>,
    B: Default,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project() {
            Projected::Accepted { answer } => answer.poll(cx),
            Projected::Refused { status } => {
                let mut response = Response::new(B::default());
                *response.status_mut() = *status;
                Poll::Ready(Ok(response))
            }
        }
    }
}
