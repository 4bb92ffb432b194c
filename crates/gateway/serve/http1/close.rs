//! The end of a connection.

use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::time::sleep;

use super::super::linger::{Input, linger};
use super::super::stream::OverSocket;
use super::line::Line;

/// How long to wait before a connection is reset, so that the client receives what was written before.
const BEFORE_RESET: Duration = Duration::from_millis(500);

impl<T: OverSocket> Line<T> {
    /// Closes the connection after its last response.
    pub(super) async fn close(self) {
        let codec = self.wire.codec();
        let is_all_received = codec.is_received() && !codec.has_failed();
        let input = if is_all_received { Input::Complete } else { Input::Expected };
        let Some(mut stream) = self.wire.into_stream() else { return };
        // It fails only if the connection is closed already.
        if stream.shutdown().await.is_ok() {
            linger(stream.socket(), input, &self.options.limits.linger).await;
        }
    }

    /// Ends the connection after a response that was cut off. The client must not take it for complete, and must be
    /// able to read what was sent of it.
    pub(super) async fn break_off(self) {
        if self.wire.codec().is_ended_by_connection() {
            // Dropping it resets the connection, which discards bytes that the client doesn't have yet.
            sleep(BEFORE_RESET).await;
            return;
        }
        // The end of our direction doesn't complete this response. Unlike a reset it comes after all bytes that were
        // written.
        self.close().await;
    }
}
