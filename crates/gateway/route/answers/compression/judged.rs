//! Judges answers before tower-http sees them.

use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::http::{Request, Response, StatusCode};
use tokio::sync::{Semaphore, SemaphorePermit};
use tower::Service;

use super::fitness::{Asked, is_worth_it};
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
    /// `None` if the answer isn't to be compressed.
    pub(super) place: Option<Arc<Place>>,
}

/// The place of an answer among those that are compressed.
#[derive(Debug)]
pub(super) struct Place(
    #[expect(dead_code, reason = "it is given back when it is dropped")] SemaphorePermit<'static>,
);

impl Judgement {
    pub(super) fn is_fit(&self) -> bool {
        self.place.is_some()
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
        let judge = Judge { asked: Asked::by(&request), config: Arc::clone(&self.config) };
        Changing::new(self.inner.call(request), judge)
    }
}

/// Judges an answer.
#[derive(Clone, Debug)]
pub struct Judge {
    asked: Asked,
    config: Arc<Compression>,
}

impl Change<Response<Body>> for Judge {
    type Changed = Response<Body>;

    fn change(self, mut response: Response<Body>) -> Response<Body> {
        let is_fit = self.asked == Asked::ForAnyForm && is_worth_it(&response, &self.config);
        let permit = if is_fit { ROOM.try_acquire().ok() } else { None };
        let place = permit.map(|permit| Arc::new(Place(permit)));
        let judgement = Judgement { status: response.status(), place };
        response.extensions_mut().insert(judgement);
        response
    }
}
