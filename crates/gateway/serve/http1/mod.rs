//! HTTP/1 connections, on the codec of the `http1` crate.
//!
//! A connection is one task. Its future polls the app's future, the response's body and the stream, in turn. There is no
//! channel to another task, and nothing of a request is copied on its way.
//!
//! - `wire`: the stream, and what is buffered of it.
//! - `line`: the wire, the connection's deadline and the shutdown.
//! - `idle`: waiting for a request. While a connection is parked, it has no buffers.
//! - `exchange`, `upload`, `interim`, `answer`: a request, its body on the way to the app, and the responses.
//! - `close`: the end of a connection.

mod answer;
mod close;
mod exchange;
mod idle;
mod interim;
mod line;
mod parked;
mod upload;
mod wire;

use std::convert::Infallible;
use std::sync::Arc;

use http::{Request, Response};
use http_body::Body;
use http1::Phase;
use tokio::time::Instant;
use tower::Service;

use self::exchange::Outcome;
use self::idle::{Awaited, Next};
use self::line::Line;
pub(super) use self::parked::Opening;
use self::parked::Parked;
pub(super) use self::upload::Upload;
use super::stream::OverSocket;
use super::{Options, RequestBody};

/// Serves a connection to its end. What it needs while it is awake is in a box, which is freed while it is parked.
pub(super) async fn serve<T, S, B>(mut opening: Opening<T>, mut service: S, options: Arc<Options>)
where
    T: OverSocket,
    S: Service<Request<RequestBody>, Response = Response<B>, Error = Infallible>,
    B: Body + Default,
{
    loop {
        let since = opening.since;
        let line = Line::open(opening, Arc::clone(&options));
        let Some(parked) = Box::pin(serve_awake(line, since, &mut service)).await else { return };
        let Some(spoken_to) = parked.until_spoken_to(&options.limits).await else { return };
        opening = spoken_to;
    }
}

/// Serves a connection until it ends or is idle. Returns it if it has to be parked.
async fn serve_awake<T, S, B>(mut line: Line<T>, since: Instant, service: &mut S) -> Option<Parked<T>>
where
    T: OverSocket,
    S: Service<Request<RequestBody>, Response = Response<B>, Error = Infallible>,
    B: Body + Default,
{
    let mut awaited = Awaited::Head;
    loop {
        let outcome = match line.next(awaited, since).await {
            Next::Request(head) => line.exchange(head, service).await,
            Next::Refused(head) => line.refuse(*head, service).await,
            Next::Idle(idle_since) => return line.park(idle_since),
            Next::Over => return None,
        };
        match outcome {
            Outcome::Answered if line.wire.phase() == Phase::Idle => {
                awaited = Awaited::Anything { idle_since: Instant::now() };
                continue;
            }
            Outcome::Answered => line.close().await,
            Outcome::Broken => line.break_off().await,
            Outcome::Gone => {}
            Outcome::Switched(switch) => line.switch(switch),
        }
        return None;
    }
}
