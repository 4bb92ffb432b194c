//! Connecting to an upstream without a request.

use crate::classify;
use crate::client::Client;
use crate::error::ProxyError;
use crate::target::Target;

impl<B> Client<B> {
    /// Finds out whether `target` can be connected to, TLS handshake included, as for a request: none is sent, and the
    /// connection is closed at once. It is not one of those that are counted or limited, and no request waits for it.
    ///
    /// # Errors
    /// What a request would fail with, unsent: at [`Stage::Connect`](crate::Stage::Connect).
    pub async fn dial(&self, target: &Target) -> Result<(), ProxyError> {
        let connected = self.connect_and_close(target).await;
        connected.map_err(|error| classify::outcome(error.into()).error)
    }
}
