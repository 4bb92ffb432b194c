//! `Security`: whether a listener speaks TLS, and what becomes of a connection whose handshake fails.

use std::fmt;
use std::sync::Arc;

use tokio::io::AsyncWriteExt as _;
use tracing::debug;

use super::Linger;
use super::accept::Room;
use super::arrival::Arrival;
use super::handshake::{Failed, Terms, Turns, handshake};
use super::layered::Layered;
use super::linger::{Input, linger};
use super::stream::OverSocket;
use crate::observe::metrics::ListenerMeter;

/// Finds the terms of a listener's next handshake. `None` if it doesn't speak TLS.
pub(crate) type FindTerms = dyn Fn() -> Option<Arc<dyn Terms>> + Send + Sync;

/// Whether a listener speaks TLS. It is asked for each connection, since that may change.
pub(crate) struct Security {
    find_terms: Box<FindTerms>,
    turns: Turns,
    /// The places for handshakes that are under way.
    room: Room,
}

impl Security {
    /// A listener that never speaks TLS.
    pub(super) fn none() -> Self {
        Self::new(|| None, Room::for_connections(0))
    }

    /// `room` says how many handshakes may be under way; several listeners share it.
    pub(crate) fn new(
        find_terms: impl Fn() -> Option<Arc<dyn Terms>> + Send + Sync + 'static,
        room: Room,
    ) -> Self {
        Self { find_terms: Box::new(find_terms), turns: Turns::new(), room }
    }

    /// Does the handshake, if there has to be one. `None` if it fails; then the connection has been closed.
    pub(super) async fn secure<T: OverSocket>(
        &self,
        stream: T,
        arrival: &mut Arrival,
        limits: &Linger,
        meter: &ListenerMeter,
    ) -> Option<Layered<T>> {
        let Some(terms) = (self.find_terms)() else { return Some(Layered::Plain(stream)) };
        let failed = {
            let counted = meter.handshake();
            let _place = self.room.permit().await;
            match Box::pin(handshake(stream, &*terms, &self.turns)).await {
                Ok((stream, secured)) => {
                    arrival.secured = Some(secured);
                    counted.succeeded();
                    return Some(Layered::Tls(stream));
                }
                Err(failed) => {
                    counted.failed(failed.reason());
                    failed
                }
            }
        };
        debug!(peer = ?arrival.peer, reason = %failed, "a TLS handshake failed");
        if let Failed::PlainHttp(stream) = failed {
            explain(stream, limits).await;
        }
        None
    }
}

/// What a client gets that speaks HTTP without TLS, and may speak HTTP/1.
const EXPLANATION: &[u8] = b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-type: text/plain\r\n\
                             content-length: 37\r\n\r\nThis port speaks HTTPS: use https://\n";

async fn explain<T: OverSocket>(mut stream: T, limits: &Linger) {
    if stream.write_all(EXPLANATION).await.is_ok() && stream.shutdown().await.is_ok() {
        linger(stream.socket(), Input::Expected, limits).await;
    }
}

impl fmt::Debug for Security {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Security").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::EXPLANATION;

    #[test]
    fn the_explanation_has_its_length() {
        let text = std::str::from_utf8(EXPLANATION).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.ends_with(&format!("content-length: {}", body.len())), "{}", body.len());
    }
}
