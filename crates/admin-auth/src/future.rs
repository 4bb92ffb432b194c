use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::{Request, Response};
use pin_project_lite::pin_project;
use tower_service::Service;

use crate::body::AdminAuthBody;
use crate::rejection::Rejection;

pin_project! {
    /// The response future of [`AdminAuth`](crate::AdminAuth).
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<S, ReqBody>
    where
        S: Service<Request<ReqBody>>,
    {
        #[pin]
        state: State<S, ReqBody, S::Future>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<S, ReqBody, F> {
        Refused {
            rejection: Rejection,
        },
        // The clone that becomes ready is the one that is called, since a clone of it needn't be ready.
        Waiting {
            inner: S,
            request: Option<Request<ReqBody>>,
        },
        Running {
            #[pin]
            future: F,
        },
    }
}

impl<S, ReqBody> ResponseFuture<S, ReqBody>
where
    S: Service<Request<ReqBody>>,
{
    pub(crate) fn accepted(inner: S, request: Request<ReqBody>) -> Self {
        Self { state: State::Waiting { inner, request: Some(request) } }
    }

    pub(crate) fn refused(rejection: Rejection) -> Self {
        Self { state: State::Refused { rejection } }
    }
}

impl<S, ReqBody, ResBody> Future for ResponseFuture<S, ReqBody>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
{
    type Output = Result<Response<AdminAuthBody<ResBody>>, S::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        loop {
            match state.as_mut().project() {
                StateProj::Refused { rejection } => return Poll::Ready(Ok(rejection.to_response())),
                StateProj::Waiting { inner, request } => {
                    ready!(inner.poll_ready(cx))?;
                    let request = request.take().expect("the state is left as soon as its request is taken");
                    let future = inner.call(request);
                    state.set(State::Running { future });
                }
                StateProj::Running { future } => {
                    return future.poll(cx).map_ok(|response| response.map(AdminAuthBody::inner));
                }
            }
        }
    }
}

impl<S, ReqBody> fmt::Debug for ResponseFuture<S, ReqBody>
where
    S: Service<Request<ReqBody>>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match &self.state {
            State::Refused { .. } => "Refused",
            State::Waiting { .. } => "Waiting",
            State::Running { .. } => "Running",
        };
        f.debug_struct("ResponseFuture").field("state", &format_args!("{state}")).finish_non_exhaustive()
    }
}
