//! The HTTP/2 side of a connection. hyper speaks the protocol; each file adds something that hyper doesn't do:
//!
//! - `activity`, `streams`, `drive`: the deadline of a connection without streams, and the shutdown.
//! - `chatter`, `frames`: closes a connection whose client sends very many frames that aren't part of requests.
//! - `io`: closes a connection whose client doesn't read.
//! - `entrance`: refuses long targets and many fields.
//! - `delivered`, `piece`: if a response's body fails, what came before it still reaches the client.
//! - `upload`, `leftover`: a response that is sent before the request's body was read still reaches the client. hyper
//!   would reset the stream.

mod activity;
mod chatter;
mod delivered;
mod drive;
mod entrance;
mod frames;
mod io;
mod leftover;
mod piece;
mod streams;
mod upload;

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use hyper::server::conn::http2;
use hyper_util::rt::{TokioIo, TokioTimer};
use tower::{BoxError, Service};

use self::activity::Activity;
use self::drive::drive;
use self::entrance::Entrance;
use self::io::Io;
use self::streams::Streams;
pub(super) use self::upload::Upload;
use super::accept::Permit;
use super::linger::{Input, linger};
use super::request_body::RequestBody;
use super::shutdown::Begun;
use super::stream::OverTcp;
use super::{Limits, Linger};

/// The limits for lingering after a client that used up its budget of frames. It is long enough for the client to read
/// the GOAWAY, and short enough that its frames don't keep the thread busy.
const FLOOD: Linger = Linger { idle: Duration::from_millis(100), total: Duration::from_millis(300) };

/// Serves a connection to its end. `opening` is the client's preface, which was read already.
pub(super) async fn serve<T, S, B>(
    stream: T,
    opening: Bytes,
    permit: Permit,
    service: S,
    limits: Limits,
    mut begun: Begun,
) where
    T: OverTcp,
    S: Service<Request<RequestBody>, Response = Response<B>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send + 'static,
    B: Body<Data: Send, Error: Into<BoxError>> + Default + Send + 'static,
{
    let activity = Arc::new(Activity::new(limits.keep_alive_idle));
    let mut io = Io::new(stream, opening, Arc::clone(&activity), limits.write_stall, permit);
    let entrance = Entrance::new(service, Arc::clone(&activity), limits);
    let connection =
        builder(&limits, Streams(Arc::clone(&activity))).serve_connection(TokioIo::new(&mut io), entrance);
    drive(pin!(connection), &limits, &activity, &mut begun).await;
    if let Some(socket) = io.goaway().await {
        linger(socket, Input::Expected, &FLOOD).await;
    } else if let Some(socket) = io.finished() {
        // The client may still send window updates and acknowledgements for the last frames.
        linger(socket, Input::Expected, &limits.linger).await;
    }
}

fn builder(limits: &Limits, streams: Streams) -> http2::Builder<Streams> {
    const STREAMS: u32 = 100;
    const STREAM_WINDOW: u32 = 64 * 1024;
    // As large as the windows of all streams, so that uploads that nobody reads don't stop the other streams.
    const CONNECTION_WINDOW: u32 = STREAMS * STREAM_WINDOW;
    const FRAME: u32 = 16 * 1024;
    const SEND_BUFFER: usize = 64 * 1024;
    const PING: Duration = Duration::from_secs(20);

    let header_list = u32::try_from(limits.header_section_bytes).unwrap_or(u32::MAX);
    let mut builder = http2::Builder::new(streams);
    builder
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_frame_size(FRAME)
        .max_send_buf_size(SEND_BUFFER)
        .max_header_list_size(header_list)
        // After so many resets, the connection is closed: Rapid Reset (CVE-2023-44487), MadeYouReset (CVE-2025-8671).
        .max_pending_accept_reset_streams(20)
        .max_local_error_reset_streams(100)
        .keep_alive_interval(PING)
        .keep_alive_timeout(PING);
    builder
}
