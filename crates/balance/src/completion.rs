use crate::endpoint::InFlight;

/// When a request that was answered stops being in flight.
pub trait Completion<Res, S> {
    /// The response, with whatever has to travel along to see its end.
    type Response;

    /// Sees `response` to its end, then drops `in_flight`.
    fn track(response: Res, in_flight: InFlight<S>) -> Self::Response;
}

/// A request is over when its response is there: for responses that come as a whole.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct OnResponse;

impl<Res, S> Completion<Res, S> for OnResponse {
    type Response = Res;

    fn track(response: Res, _: InFlight<S>) -> Res {
        response
    }
}
