//! How long an upstream is busy with a tunnel.

use axum::http::Response;
use balance::{InFlight, KeepUpgraded};
use proxy_service::Tunnel;

/// A WebSocket is in flight until its tunnel ends: for the limit, for those who are sent to the less loaded, and for
/// whoever waits until an upstream is drained.
#[derive(Clone, Copy, Debug)]
pub(crate) struct UntilTunnelEnds;

impl<B, S: Send + Sync + 'static> KeepUpgraded<B, S> for UntilTunnelEnds {
    fn keep(&self, response: &Response<B>, in_flight: InFlight<S>) {
        if let Some(tunnel) = response.extensions().get::<Tunnel>() {
            tunnel.hold(in_flight);
        }
    }
}
