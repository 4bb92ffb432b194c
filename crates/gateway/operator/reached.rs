//! `Reached`: over which connection a request came.

use std::net::SocketAddr;

use axum::body::Body;
use axum::http::Request;
use proxy_service::Peer;

use crate::serve::{Arrival, RequestBody};

/// Over which connection a request came: a request extension.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reached {
    /// The other end. `None` over a Unix socket.
    pub(super) peer: Option<SocketAddr>,
}

impl Reached {
    pub(super) fn over(arrival: &Arrival) -> Self {
        Self { peer: arrival.peer }
    }

    pub(super) fn is_over_unix(&self) -> bool {
        self.peer.is_none()
    }

    /// Tells it to a request.
    pub(super) fn tell(self, request: Request<RequestBody>) -> Request<Body> {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(self);
        if let Some(peer) = self.peer {
            // For the gate, which counts wrong tries.
            request.extensions_mut().insert(Peer::new(peer));
        }
        request
    }
}
