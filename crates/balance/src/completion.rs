use crate::{
    in_flight::InFlight,
    outcome::{Classify, ErrorsFail, Outcome},
    picked::Picked,
};

/// What a result means, and when a request that was answered stops being in flight.
pub trait Completion<Req, Res, E, S>: Clone {
    /// The response, with whatever has to travel along to see its end.
    type Response;

    /// Whether `complete` is to be told why `request` went where it went.
    fn asks_why(&self, request: &Req) -> bool {
        let _ = request;
        false
    }

    /// What `result` says about the endpoint, as far as it can be told before the response's end.
    fn judge(&self, result: Result<&Res, &E>) -> Outcome;

    /// Sees `response` to its end, reports how that went, then drops `in_flight`.
    fn complete(&self, response: Res, in_flight: InFlight<S>, picked: Option<Picked>) -> Self::Response;
}

/// A request is over when its response is there: for responses that come as a whole.
#[derive(Clone, Copy, Debug, Default)]
pub struct OnResponse<K = ErrorsFail> {
    classify: K,
}

impl OnResponse {
    /// Blames the endpoint for each of its errors.
    pub fn new() -> Self {
        Self::default()
    }
}

impl<K> OnResponse<K> {
    /// With another idea of what a failure is.
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

/// As `C`, which is told why a request went where it went for those requests of which `A`, a `Fn(&Req) -> bool`, says that
/// somebody asks.
#[derive(Clone, Copy, Debug)]
pub struct Explained<C, A> {
    completion: C,
    asks: A,
}

impl<C, A> Explained<C, A> {
    /// Asks for the reasons whenever `asks` says so.
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
