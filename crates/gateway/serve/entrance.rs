//! Where a request leaves hyper and enters the app.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{HeaderValue, Request, Response, StatusCode, Uri, Version, header};
use http_body::Body;
use hyper::body::Incoming;
use pin_project_lite::pin_project;
use tower::util::Oneshot;

use super::Limits;
use super::activity::Activity;
use super::described::Described;
use super::limits::over_limit;

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
    B: Body + Default,
{
    type Response = Response<Described<B>>;
    type Error = Infallible;
    type Future = Answer<Oneshot<S, Request<Incoming>>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        self.activity.request_received(&request);
        let version = request.version();
        match self.refusal(&request) {
            Some(status) => Answer::Refused { status },
            None => Answer::Accepted { answer: Oneshot::new(self.service.clone(), request), version },
        }
    }
}

impl<S> Entrance<S> {
    fn refusal<B>(&self, request: &Request<B>) -> Option<StatusCode> {
        if self.activity.is_request_ambiguous() {
            Some(StatusCode::BAD_REQUEST)
        } else if target_bytes(request.uri()) > self.limits.uri_bytes {
            over_limit("limits.uri");
            Some(StatusCode::URI_TOO_LONG)
        } else if request.headers().len() > self.limits.header_fields {
            // hyper counts HTTP/1's fields while it parses them, HTTP/2's not at all.
            over_limit("limits.header_fields");
            Some(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE)
        } else {
            None
        }
    }
}

fn target_bytes(uri: &Uri) -> usize {
    let scheme = uri.scheme_str().map_or(0, |scheme| scheme.len() + "://".len());
    let authority = uri.authority().map_or(0, |authority| authority.as_str().len());
    let path_and_query = uri.path_and_query().map_or(0, |path| path.as_str().len());
    scheme + authority + path_and_query
}

pin_project! {
    /// The app's answer, or ours, which ends an HTTP/1 connection: the request's body is not waited for.
    #[project = Projected]
    #[derive(Debug)]
    pub(super) enum Answer<F> {
        Refused { status: StatusCode },
        Accepted { #[pin] answer: F, version: Version },
    }
}

impl<F, B> Future for Answer<F>
where
    F: Future<Output = Result<Response<B>, Infallible>>,
    B: Body + Default,
{
    type Output = Result<Response<Described<B>>, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project() {
            Projected::Accepted { answer, version } => answer.poll(cx).map_ok(|response| {
                if *version < Version::HTTP_2 {
                    Described::http1(response)
                } else {
                    response.map(Described::plain)
                }
            }),
            Projected::Refused { status } => {
                let mut response = Response::new(Described::plain(B::default()));
                *response.status_mut() = *status;
                response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
                Poll::Ready(Ok(response))
            }
        }
    }
}
