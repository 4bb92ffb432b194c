//! The service that hyper calls. It passes each request to the app, and prepares the response.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::header::{CONNECTION, HeaderValue};
use http::{Request, Response, StatusCode, Uri};
use http_body::Body;
use hyper::body::Incoming;
use hyper::upgrade::OnUpgrade;
use pin_project_lite::pin_project;
use tower::util::Oneshot;

use super::Limits;
use super::activity::Activity;
use super::delivered::Delivered;
use super::described::{self, Described};
use super::limits::over_limit;
use super::request_body::{RequestBody, Unread};

const DONE: &str = "a future isn't polled after it is done";

/// The body of a response.
type Leaving<B> = Delivered<Described<B>>;

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
}

impl<S, B> hyper::service::Service<Request<Incoming>> for Entrance<S>
where
    S: tower::Service<Request<RequestBody>, Response = Response<B>, Error = Infallible> + Clone,
    B: Body + Default,
{
    type Response = Response<Leaving<B>>;
    type Error = Infallible;
    type Future = Answer<Oneshot<S, Request<RequestBody>>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        self.activity.request_received(&request);
        let after = AfterAnswer::of(&request, &self.activity);
        let unread = after.as_ref().map(|after| Unread::of_last_request(Arc::clone(&after.activity)));
        let request = request.map(|inner| RequestBody::http1(inner, unread));
        let activity = Some(Arc::clone(&self.activity));
        if let Some(status) = self.refusal(&request) {
            return Answer::Refused { status, activity };
        }
        let answer = Oneshot::new(self.service.clone(), request);
        Answer::Accepted { answer, after, activity }
    }
}

impl<S> Entrance<S> {
    fn refusal<B>(&self, request: &Request<B>) -> Option<StatusCode> {
        if self.activity.requests.is_last_ambiguous() {
            Some(StatusCode::BAD_REQUEST)
        } else if target_bytes(request.uri()) > self.limits.uri_bytes {
            over_limit("limits.uri");
            Some(StatusCode::URI_TOO_LONG)
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

/// Decides, when an HTTP/1 request is answered, whether the connection can be used again.
#[derive(Debug)]
pub(super) struct AfterAnswer {
    activity: Arc<Activity>,
    upgrade: Option<OnUpgrade>,
}

impl AfterAnswer {
    /// `None` if the connection can be used again in any case, because the request has neither a body nor an upgrade.
    fn of<B>(request: &Request<B>, activity: &Arc<Activity>) -> Option<Self> {
        let upgrade = request.extensions().get::<OnUpgrade>().cloned();
        let is_open = upgrade.is_some() || activity.requests.is_content_unread();
        is_open.then(|| Self { activity: Arc::clone(activity), upgrade })
    }

    fn settle<B>(self, response: &mut Response<B>) {
        let status = response.status();
        if self.activity.requests.must_end_with(status) {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        if self.upgrade.is_some() {
            let is_refused = !self.activity.requests.is_upgrade(status);
            self.activity.upgrade_answered(self.upgrade.filter(|_| is_refused));
        }
    }
}

pin_project! {
    /// The response of the app, or a refusal by the listener. The last response on a connection has
    /// `Connection: close`: a refusal always, and a response of the app if it comes before the request's body was read.
    #[project = Projected]
    #[derive(Debug)]
    pub(super) enum Answer<F> {
        Refused { status: StatusCode, activity: Option<Arc<Activity>> },
        Accepted { #[pin] answer: F, after: Option<AfterAnswer>, activity: Option<Arc<Activity>> },
    }
}

impl<F, B> Future for Answer<F>
where
    F: Future<Output = Result<Response<B>, Infallible>>,
    B: Body + Default,
{
    type Output = Result<Response<Leaving<B>>, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project() {
            Projected::Accepted { answer, after, activity } => {
                let Ok(mut response) = ready!(answer.poll(cx));
                if let Some(after) = after.take() {
                    after.settle(&mut response);
                }
                let activity = activity.take().expect(DONE);
                let length = described::length(&response);
                let body = |inner| Delivered::new(Described::new(inner, length), activity);
                Poll::Ready(Ok(response.map(body)))
            }
            Projected::Refused { status, activity } => {
                let activity = activity.take().expect(DONE);
                let body = Delivered::new(Described::new(B::default(), None), activity);
                let mut response = Response::new(body);
                *response.status_mut() = *status;
                response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
                Poll::Ready(Ok(response))
            }
        }
    }
}
