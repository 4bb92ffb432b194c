use crate::{
    in_flight::InFlight,
    outcome::{Classify, ErrorsFail, Outcome},
    picked::Picked,
};

/// Decides what a result says about the endpoint, and when an answered request stops being in flight.
pub trait Completion<Req, Res, E, S>: Clone {
    /// The response, wrapped in whatever has to see its end.
    type Response;

    /// Whether [`complete`](Self::complete) is given a [`Picked`] for this request.
    fn asks_why(&self, request: &Req) -> bool {
        let _ = request;
        false
    }

    /// What `result` says about the endpoint, as far as is known before the response's end.
    fn judge(&self, result: Result<&Res, &E>) -> Outcome;

    /// Follows `response` to its end, [reports](InFlight::report) the outcome, then drops `in_flight`.
    fn complete(&self, response: Res, in_flight: InFlight<S>, picked: Option<Picked>) -> Self::Response;
}

/// A request is over when its response is there. This is for responses that arrive as a whole, and is the default.
#[derive(Clone, Copy, Debug, Default)]
pub struct OnResponse<K = ErrorsFail> {
    classify: K,
}

impl OnResponse {
    /// Every error counts as a failure of the endpoint.
    pub fn new() -> Self {
        Self::default()
    }
}

impl<K> OnResponse<K> {
    /// `classify` says which results are failures of the endpoint.
    pub fn judged_by(classify: K) -> Self {
        Self { classify }
    }
}

impl<Req, Res, E, S, K> Completion<Req, Res, E, S> for OnResponse<K>
where
    K: Classify<Res, E> + Clone,
{
    type Response = Res;

    fn judge(&self, result: Result<&Res, &E>) -> Outcome {
        self.classify.classify(result)
    }

    fn complete(&self, response: Res, mut in_flight: InFlight<S>, _: Option<Picked>) -> Res {
        in_flight.report(Outcome::Success);
        response
    }
}

/// Works as `C` does, and gives it a [`Picked`] for the requests for which `A`, a `Fn(&Req) -> bool`, returns true.
#[derive(Clone, Copy, Debug)]
pub struct Explained<C, A> {
    completion: C,
    asks: A,
}

impl<C, A> Explained<C, A> {
    /// Gives `completion` a [`Picked`] whenever `asks` returns true.
    pub fn when(asks: A, completion: C) -> Self {
        Self { completion, asks }
    }
}

impl<Req, Res, E, S, C, A> Completion<Req, Res, E, S> for Explained<C, A>
where
    C: Completion<Req, Res, E, S>,
    A: Fn(&Req) -> bool + Clone,
{
    type Response = C::Response;

    fn asks_why(&self, request: &Req) -> bool {
        (self.asks)(request)
    }

    fn judge(&self, result: Result<&Res, &E>) -> Outcome {
        self.completion.judge(result)
    }

    fn complete(&self, response: Res, in_flight: InFlight<S>, picked: Option<Picked>) -> C::Response {
        self.completion.complete(response, in_flight, picked)
    }
}
