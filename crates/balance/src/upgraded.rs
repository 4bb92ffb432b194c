use http::{Response, StatusCode};

use crate::in_flight::InFlight;

/// Says how long a request stays in flight whose response switches protocols. Feature `http`.
///
/// Such a response (101, RFC 9110 section 15.2.2) has no body, and its connection goes on. Any `Fn(&Response<B>,
/// InFlight<S>)` is a `KeepUpgraded`, if it puts the `InFlight` where it is dropped at the connection's end.
pub trait KeepUpgraded<B, S>: Clone {
    /// Keeps `in_flight` until the connection of `response` ends.
    fn keep(&self, response: &Response<B>, in_flight: InFlight<S>);

    /// Whether the connection goes on after `response`. By default, it does after a 101. After a CONNECT it does after
    /// any 2xx, but the response alone doesn't tell.
    fn is_upgraded(&self, response: &Response<B>) -> bool {
        response.status() == StatusCode::SWITCHING_PROTOCOLS
    }
}

impl<B, S, F> KeepUpgraded<B, S> for F
where
    F: Fn(&Response<B>, InFlight<S>) + Clone,
{
    fn keep(&self, response: &Response<B>, in_flight: InFlight<S>) {
        self(response, in_flight);
    }
}

/// A request whose response switches protocols is over when the head is there. Feature `http`.
///
/// This is the default, because the balancer isn't told when the connection ends.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct UpgradeEndsIt;

impl<B, S> KeepUpgraded<B, S> for UpgradeEndsIt {
    fn keep(&self, _: &Response<B>, in_flight: InFlight<S>) {
        drop(in_flight);
    }
}
