//! What a request is waiting for.

use std::pin::Pin;

use pin_project_lite::pin_project;
use tokio::time::Sleep;
use tower_service::Service;

use super::call::{Call, Second, sleep};
use crate::{completion::Completion, error::BoxError, recover::Again};

pin_project! {
    #[project = StateProj]
    pub(super) enum State<Req, S, Fut> {
        /// For an endpoint.
        Choosing { request: Option<Req> },
        /// For the answer of an endpoint or, beside it, of a second one.
        Calling { #[pin] response: Fut, call: Option<Call<S>>, beside: Option<Second<S, Fut>> },
        /// For the answer of the second endpoint, after the first one has failed.
        OnlySecond { second: Second<S, Fut> },
        /// For the end of a pause.
        Resting { rest: Pin<Box<Sleep>>, request: Option<Req> },
    }
}

impl<Req, S, Fut> State<Req, S, Fut> {
    pub(super) fn again(again: Again<Req>) -> Self {
        let request = Some(again.request);
        match again.after {
            None => Self::Choosing { request },
            Some(rest) => Self::Resting { rest: sleep(rest), request },
        }
    }

    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Choosing { .. } => "choosing",
            Self::Calling { .. } => "calling",
            Self::OnlySecond { .. } => "calling a second endpoint only",
            Self::Resting { .. } => "resting",
        }
    }
}

/// What to do next.
pub(super) enum Step<T, State> {
    Done(T),
    To(State),
    Stay,
}

/// The step of a request to services `S`.
pub(super) type StepOf<Req, S, C> = Step<AnswerOf<Req, S, C>, State<Req, S, <S as Service<Req>>::Future>>;

type AnswerOf<Req, S, C> = Result<
    <C as Completion<Req, <S as Service<Req>>::Response, <S as Service<Req>>::Error, S>>::Response,
    BoxError,
>;
