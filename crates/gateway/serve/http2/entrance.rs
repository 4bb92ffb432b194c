//! Passes requests to the app, and refuses those that are over a limit.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use h2::RecvStream;
use http::header::{COOKIE, HeaderMap};
use http::{Request, Response, StatusCode, Uri};
use pin_project_lite::pin_project;
use tower::Service;
use tower::util::Oneshot;

use super::content::Content;
use super::upload::Upload;
use crate::serve::Limits;
use crate::serve::limits::over_limit;
use crate::serve::request_body::RequestBody;

/// The app, for one connection.
#[derive(Debug)]
pub(super) struct Entrance<S> {
    service: S,
    limits: Limits,
}

impl<S> Entrance<S>
where
    S: Service<Request<RequestBody>> + Clone,
{
    pub(super) fn new(service: S, limits: Limits) -> Self {
        Self { service, limits }
    }

    /// Passes a request to the app, which is cloned for that and polled until it is ready.
    pub(super) fn answer(&self, request: Request<RecvStream>) -> Answer<Oneshot<S, Request<RequestBody>>> {
        if let Some(status) = self.refusal(&request) {
            return Answer::Refused { status };
        }
        let (head, stream) = request.into_parts();
        let upload = Upload::new(Content::new(stream, &head), self.limits.linger);
        let request = Request::from_parts(head, RequestBody::from(upload));
        Answer::Accepted { answer: Oneshot::new(self.service.clone(), request) }
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
    /// The answer of the app, or a refusal by the listener.
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
    type Output = Response<B>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Response<B>> {
        Poll::Ready(match self.project() {
            Projected::Accepted { answer } => {
                let Ok(response) = ready!(answer.poll(cx));
                response
            }
            Projected::Refused { status } => {
                let mut response = Response::new(B::default());
                *response.status_mut() = *status;
                response
            }
        })
    }
}
