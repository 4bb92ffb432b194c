//! A tunnel counts as a request in flight until it ends.

use axum::http::Response;
use balance::{InFlight, KeepUpgraded};
use proxy_service::Tunnel;

/// Keeps a request that became a tunnel, such as a WebSocket, in flight until the tunnel ends. So it counts for
/// `max_in_flight`, for policies that look at the load, and while an upstream is drained.
#[derive(Clone, Copy, Debug)]
pub struct UntilTunnelEnds;

impl<B, S: Send + Sync + 'static> KeepUpgraded<B, S> for UntilTunnelEnds {
    fn keep(&self, response: &Response<B>, in_flight: InFlight<S>) {
        if let Some(tunnel) = response.extensions().get::<Tunnel>() {
            tunnel.hold(in_flight);
        }
    }

    /// Also after the 200 to an extended CONNECT.
    fn is_upgraded(&self, response: &Response<B>) -> bool {
        response.extensions().get::<Tunnel>().is_some()
    }
}
