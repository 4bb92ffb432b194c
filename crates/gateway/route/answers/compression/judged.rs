//! Judges answers before tower-http sees them.

use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::http::header::IF_NONE_MATCH;
use axum::http::{HeaderValue, Request, Response, StatusCode};
use tokio::sync::{Semaphore, SemaphorePermit};
use tower::Service;

use super::fitness::{Asked, is_worth_it};
use super::tag;
use crate::config::Compression;
use crate::route::answers::changed::{Change, Changing};

/// How many answers are compressed at a time. Each takes up to some MiB: its window, and the tables of what was seen.
const MOST: usize = 256;

static ROOM: Semaphore = Semaphore::const_new(MOST);

/// What was found of an answer: an extension of it, for as long as tower-http looks at it.
#[derive(Clone, Debug)]
pub(super) struct Judgement {
    /// tower-http makes a 406 of an answer that the client takes in no coding, and forgets what it was.
    pub(super) status: StatusCode,
    pub(super) fitness: Fitness,
}

/// What is to become of an answer.
#[derive(Clone, Debug)]
pub(super) enum Fitness {
    /// It stays as it is.
    Unfit,
    /// It is compressed, unless the client takes it in no coding.
    Fit(Arc<Place>),
    /// The same, but there is nothing to compress: it answers a HEAD.
    HeadAlone,
}

/// The place of an answer among those that are compressed.
#[derive(Debug)]
pub(super) struct Place(
    #[expect(dead_code, reason = "it is given back when it is dropped")] SemaphorePermit<'static>,
);

impl Judgement {
    pub(super) fn is_fit(&self) -> bool {
        !matches!(self.fitness, Fitness::Unfit)
    }
}

/// A service whose answers are judged.
#[derive(Clone, Debug)]
pub struct Judged<S> {
    inner: S,
    config: Arc<Compression>,
}

impl<S> Judged<S> {
    pub(super) fn new(inner: S, config: Arc<Compression>) -> Self {
        Self { inner, config }
    }
}

impl<S, A> Service<Request<A>> for Judged<S>
where
    S: Service<Request<A>, Response = Response<Body>>,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Changing<S::Future, Judge>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<A>) -> Self::Future {
        let known = request.headers().get(IF_NONE_MATCH).cloned();
        let judge = Judge { asked: Asked::by(&request), known, config: Arc::clone(&self.config) };
        Changing::new(self.inner.call(request), judge)
    }
}

/// Judges an answer.
#[derive(Clone, Debug)]
pub struct Judge {
    asked: Asked,
    /// The tags of what the client has.
    known: Option<HeaderValue>,
    config: Arc<Compression>,
}

impl Judge {
    fn fitness(&self, response: &Response<Body>) -> Fitness {
        match self.asked {
            asked if !is_worth_it(asked, response, &self.config) => Fitness::Unfit,
            Asked::HeadAlone => Fitness::HeadAlone,
            _ => ROOM.try_acquire().map_or(Fitness::Unfit, |permit| Fitness::Fit(Arc::new(Place(permit)))),
        }
    }
}

impl Change<Response<Body>> for Judge {
    type Changed = Response<Body>;

    fn change(self, mut response: Response<Body>) -> Response<Body> {
        let judgement = Judgement { status: response.status(), fitness: self.fitness(&response) };
        response.extensions_mut().insert(judgement);
        if let Some(known) = self.known.filter(|_| response.status() == StatusCode::NOT_MODIFIED) {
            tag::make_as_known(response.headers_mut(), &known);
        }
        response
    }
}
