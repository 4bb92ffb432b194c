/// What a finished request says about the endpoint that it was sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The endpoint did its part, whatever the answer says of the request.
    Success,
    /// The endpoint is to blame.
    Failure,
    /// The endpoint is to blame, and nobody could even connect to it: as a failure, and whoever dials it
    /// (`Endpoints::dial`, feature `probes`) finds out when it can be connected to again.
    Unreachable,
    /// Nothing: the client left, or what it asked for was bad.
    Neutral,
}

/// Says what a result means for the health of the endpoint that it came from. Any
/// `Fn(Result<&Res, &E>) -> Outcome` does.
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

/// Blames the endpoint for each of its errors, and for no response: the default.
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
