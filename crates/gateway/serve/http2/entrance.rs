//! Passes requests to the app, and refuses those that are over a limit.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use h2::RecvStream;
use http::header::{COOKIE, HeaderMap};
use http::{Request, Response, Uri};
use pin_project_lite::pin_project;
use proxy_service::Informational;
use tower::Service;
use tower::util::Oneshot;

use super::content::Content;
use super::go_on::Wish;
use super::tunnel::{self, Asked};
use super::upload::Upload;
use crate::serve::options::Options;
use crate::serve::refused::{self, Fault, Refusals, Refused};
use crate::serve::request_body::RequestBody;

/// The app, for one connection.
#[derive(Debug)]
pub(super) struct Entrance<S> {
    service: S,
    options: Options,
}

impl<S> Entrance<S>
where
    S: Service<Request<RequestBody>> + Clone,
{
    pub(super) fn new(service: S, options: Options) -> Self {
        Self { service, options }
    }

    /// Passes a request to the app, which is cloned for that and polled until it is ready. It may send interim answers.
    /// Returns the tunnel too, if the request asks for one.
    pub(super) fn answer(
        &self,
        request: Request<RecvStream>,
        wish: Option<Wish>,
        informational: Informational,
    ) -> (Answer<Oneshot<S, Request<RequestBody>>>, Option<Asked>) {
        let Options { limits, refusals, .. } = self.options;
        let fault = self.fault_of(&request);
        let (mut head, stream) = request.into_parts();
        let upload = Upload::new(Content::new(stream, &head), wish, limits.linger);
        let switch = fault.is_none().then(|| tunnel::offer_to(&mut head.extensions)).flatten();
        let (asked, upload) = match switch {
            Some(switch) => (Some(Asked::new(switch, upload)), Upload::none()),
            None => (None, upload),
        };
        let mut request = Request::from_parts(head, RequestBody::from(upload));
        match (fault, refusals) {
            (None, _) => {
                request.extensions_mut().insert(informational);
            }
            (Some(fault), Refusals::AnsweredHere) => return (Answer::Refused { fault }, None),
            (Some(fault), Refusals::PassedOn) => {
                request.extensions_mut().insert(Refused::from(fault));
            }
        }
        (Answer::Accepted { answer: Oneshot::new(self.service.clone(), request) }, asked)
    }

    fn fault_of<B>(&self, request: &Request<B>) -> Option<Fault> {
        if target_bytes(request.uri()) > self.options.limits.uri_bytes {
            Some(Fault::TargetTooLong)
        } else if has_more_fields(request.headers(), self.options.limits.header_fields) {
            Some(Fault::TooManyFields)
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
        Refused { fault: Fault },
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
            Projected::Refused { fault } => refused::bare(*fault),
        })
    }
}
