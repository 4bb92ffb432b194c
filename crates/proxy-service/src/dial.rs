//! `Client::dial`: connects to an upstream without sending a request.

use crate::classify;
use crate::client::Client;
use crate::error::ProxyError;
use crate::target::Target;

impl<B> Client<B> {
    /// Finds out whether `target` can be connected to, TLS handshake included. No request is sent, and the connection
    /// is closed at once. It doesn't count towards any limit, and no request waits for it.
    ///
    /// # Errors
    /// The error that a request would get, at [`Stage::Connect`](crate::Stage::Connect).
    pub async fn dial(&self, target: &Target) -> Result<(), ProxyError> {
        let connected = self.connect_and_close(target).await;
        connected.map_err(|error| classify::outcome(error.into()).error)
    }
}
