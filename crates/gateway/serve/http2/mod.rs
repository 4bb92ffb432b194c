//! The HTTP/2 side of a connection. The `h2` crate reads and writes the frames; the files do this with them:
//!
//! - `drive`, `activity`, `streams`: polls a connection to its end, with a deadline for one without streams, and the
//!   shutdown.
//! - `pings`: closes a connection whose client is gone without a word.
//! - `io`: closes a connection whose client doesn't read.
//! - `chatter`, `frames`: closes a connection whose client sends very many frames that aren't part of requests.
//! - `entrance`: passes requests to the app; refuses long targets and many fields.
//! - `exchange`, `interim`, `head`, `sending`: one stream, from the request to the end of its answer. If an answer's body fails,
//!   what came before it still reaches the client.
//! - `stall`: resets a stream whose window the client doesn't open.
//! - `content`, `upload`, `leftover`: a request's body. An answer that is sent before it was read still reaches the
//!   client.
//! - `go_on`: a client that holds its body back is told when it is asked for.
//! - `tunnel`: a stream that became a tunnel by an extended CONNECT.
//! - `piece`: what h2 is given to send.

mod activity;
mod chatter;
mod content;
mod drive;
mod entrance;
mod exchange;
mod frames;
mod go_on;
mod head;
mod interim;
mod io;
mod leftover;
mod piece;
mod pings;
mod sending;
mod stall;
mod streams;
mod tunnel;
mod upload;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use h2::server::Builder;
use http::{Request, Response};
use http_body::Body;
use tower::{BoxError, Service};
use tracing::debug;

use self::activity::Activity;
use self::drive::Served;
use self::entrance::Entrance;
use self::io::Io;
use self::pings::Pings;
pub(super) use self::upload::Upload;
use super::ear::Ear;
use super::linger::{Input, linger};
use super::request_body::RequestBody;
use super::stream::OverSocket;
use super::{Limits, Linger, Options};
use crate::observe::metrics::ListenerMeter;

/// The limits for lingering after a client that used up its budget of frames. It is long enough for the client to read
/// the GOAWAY, and short enough that its frames don't keep the thread busy.
const FLOOD: Linger = Linger { idle: Duration::from_millis(100), total: Duration::from_millis(300) };

/// A connection that speaks HTTP/2.
pub(super) struct Opened<T> {
    pub(super) stream: T,
    /// The client's preface, which was read already.
    pub(super) received: Bytes,
    pub(super) meter: Arc<ListenerMeter>,
}

/// Serves a connection to its end.
pub(super) async fn serve<T, S, B>(opened: Opened<T>, service: S, options: Options, ear: Ear)
where
    T: OverSocket,
    S: Service<Request<RequestBody>, Response = Response<B>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send + 'static,
    B: Body<Error: Into<BoxError>> + Default + Send + 'static,
{
    let (limits, Opened { stream, received, meter }) = (options.limits, opened);
    meter.speaks_http2();
    let activity = Arc::new(Activity::new(limits.keep_alive_idle, meter));
    let mut io = Io::new(stream, received, Arc::clone(&activity), limits.write_stall);
    // The box is freed when the handshake is over.
    match Box::pin(builder(&limits).handshake(&mut io)).await {
        Ok(mut connection) => {
            let pings = Pings::new(connection.ping_pong(), &activity);
            let entrance = Entrance::new(service, options);
            Served { connection, entrance, pings, activity, limits }.drive(ear).await;
        }
        Err(error) => debug!(%error, "connection ended early"),
    }
    if let Some(socket) = io.goaway().await {
        linger(socket, Input::Expected, &FLOOD).await;
    } else if let Some(socket) = io.finished() {
        // The client may still send window updates and acknowledgements for the last frames.
        linger(socket, Input::Expected, &limits.linger).await;
    }
}

fn builder(limits: &Limits) -> Builder {
    const STREAMS: u32 = 100;
    const STREAM_WINDOW: u32 = 64 * 1024;
    // As large as the windows of all streams, so that uploads that nobody reads don't stop the other streams.
    const CONNECTION_WINDOW: u32 = STREAMS * STREAM_WINDOW;
    const FRAME: u32 = 16 * 1024;
    const SEND_BUFFER: usize = 64 * 1024;

    let header_list = u32::try_from(limits.header_section_bytes).unwrap_or(u32::MAX);
    let mut builder = Builder::new();
    builder
        .max_concurrent_streams(STREAMS)
        .initial_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_frame_size(FRAME)
        .max_send_buffer_size(SEND_BUFFER)
        .max_header_list_size(header_list)
        // WebSockets (RFC 8441).
        .enable_connect_protocol()
        // After so many resets, the connection is closed: Rapid Reset (CVE-2023-44487), MadeYouReset (CVE-2025-8671).
        .max_pending_accept_reset_streams(20)
        .max_local_error_reset_streams(Some(100));
    builder
}
