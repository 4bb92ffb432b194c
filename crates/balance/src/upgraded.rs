use http::Response;

use crate::in_flight::InFlight;

/// Says how long a request is in flight whose response switches protocols (101, RFC 9110 §15.2.2): that has no body, and
/// its connection goes on. Any `Fn(&Response<B>, InFlight<S>)` does, which puts the latter where it is dropped at the end.
pub trait KeepUpgraded<B, S>: Clone {
    /// Keeps `in_flight` for as long as the connection of `response` goes on.
    fn keep(&self, response: &Response<B>, in_flight: InFlight<S>);
}

impl<B, S, F> KeepUpgraded<B, S> for F
where
    F: Fn(&Response<B>, InFlight<S>) + Clone,
{
    fn keep(&self, response: &Response<B>, in_flight: InFlight<S>) {
        self(response, in_flight);
    }
}

/// The request is over with the head of such a response: the default, as nobody says when its connection ends.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct UpgradeEndsIt;

impl<B, S> KeepUpgraded<B, S> for UpgradeEndsIt {
    fn keep(&self, _: &Response<B>, in_flight: InFlight<S>) {
        drop(in_flight);
    }
}
