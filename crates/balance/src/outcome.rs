/// What a finished request says about the endpoint that it was sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The endpoint did its part, even if the answer says that the request was bad.
    Success,
    /// The endpoint failed.
    Failure,
    /// The endpoint failed, and no connection to it could be made. This counts as a [`Failure`](Self::Failure). In
    /// addition, `Endpoints::dial` (feature `probes`) finds out when the endpoint can be connected to again.
    Unreachable,
    /// Nothing: the client left, or the request was at fault.
    Neutral,
}

/// Says what a result means for the health of the endpoint. Any `Fn(Result<&Res, &E>) -> Outcome` is one.
pub trait Classify<Res, E> {
    /// What `result` says about the endpoint.
    fn classify(&self, result: Result<&Res, &E>) -> Outcome;
}

impl<Res, E, F> Classify<Res, E> for F
where
    F: Fn(Result<&Res, &E>) -> Outcome,
{
    fn classify(&self, result: Result<&Res, &E>) -> Outcome {
        self(result)
    }
}

/// Every error is a failure of the endpoint, and no response is. This is the default.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct ErrorsFail;

impl<Res, E> Classify<Res, E> for ErrorsFail {
    fn classify(&self, result: Result<&Res, &E>) -> Outcome {
        match result {
            Ok(_) => Outcome::Success,
            Err(_) => Outcome::Failure,
        }
    }
}
