use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::{Request, Response};
use pin_project_lite::pin_project;
use tower::Service;

use super::body::EntryBody;
use super::guard::{Granted, Verdict};
use super::identity;
use super::rejection::Rejection;

pin_project! {
    /// The response future of [`Guarded`](super::Guarded).
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
        // The clone that becomes ready is the one that is called, since a clone of it needn't be ready.
        Examined {
            entering: Option<(S, Request<ReqBody>)>,
            verdict: Verdict,
        },
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
    pub(super) fn new(inner: S, request: Request<ReqBody>, verdict: Verdict) -> Self {
        Self { state: State::Examined { entering: Some((inner, request)), verdict } }
    }
}

impl<S, ReqBody, ResBody> Future for ResponseFuture<S, ReqBody>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    ResBody: http_body::Body<Data = Bytes>,
{
    type Output = Result<Response<EntryBody<ResBody>>, S::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        loop {
            match state.as_mut().project() {
                StateProj::Examined { entering, verdict } => {
                    let decision = match verdict {
                        Verdict::Now(decision) => std::mem::replace(decision, Ok(Granted::default())),
                        Verdict::Later(decision) => ready!(decision.as_mut().poll(cx)),
                    };
                    let (inner, mut request) =
                        entering.take().expect("the state is left as soon as its request is taken");
                    match decision {
                        Ok(granted) => enter(granted, &mut request),
                        Err(rejection) => return Poll::Ready(Ok(refused(rejection))),
                    }
                    state.set(State::Waiting { inner, request: Some(request) });
                }
                StateProj::Waiting { inner, request } => {
                    ready!(inner.poll_ready(cx))?;
                    let request = request.take().expect("the state is left as soon as its request is taken");
                    let future = inner.call(request);
                    state.set(State::Running { future });
                }
                StateProj::Running { future } => {
                    return future.poll(cx).map_ok(|response| response.map(EntryBody::inner));
                }
            }
        }
    }
}

fn enter<B>(granted: Granted, request: &mut Request<B>) {
    let Granted { fields, entered } = granted;
    identity::set(request.headers_mut(), fields);
    if let Some(entered) = entered {
        request.extensions_mut().insert(entered);
    }
}

fn refused<B>(rejection: Rejection) -> Response<EntryBody<B>> {
    rejection.into_response().map(EntryBody::refusal)
}

impl<S, ReqBody> fmt::Debug for ResponseFuture<S, ReqBody>
where
    S: Service<Request<ReqBody>>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match &self.state {
            State::Examined { .. } => "Examined",
            State::Waiting { .. } => "Waiting",
            State::Running { .. } => "Running",
        };
        f.debug_struct("ResponseFuture").field("state", &format_args!("{state}")).finish_non_exhaustive()
    }
}
