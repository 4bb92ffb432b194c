//! The listener: hyper's own connection builders behind one plain function.
//!
//! [`serve`] accepts on a [`TcpListener`] (see [`bind`]), speaks HTTP/1.0, HTTP/1.1 and HTTP/2 with prior knowledge,
//! keeps the deadlines and sizes in [`Limits`], and winds down when [`Shutdown`] says so.
//!
//! What it adds to hyper, one file each:
//!
//! - `accept`: a connection takes a permit *before* it is accepted, so that one too many waits in the kernel's
//!   backlog; running out of descriptors slows accepting down instead of spinning.
//! - `listeners`, `workers`: one address served by several threads, each with a runtime and a listener of its own.
//! - `sniff`: which protocol it is, with a deadline for finding out.
//! - `activity`: one clock per connection, with an absolute deadline for a request head and another for idling.
//! - `connection`: while an HTTP/1 connection idles it is parked. hyper, which holds 16 KiB of buffers whatever happens, ends
//!   without closing it, and begins again with the next byte.
//! - `framing`: a request whose body is announced twice is refused, which hyper would not let anyone see.
//! - `chatter`, `frames`: an HTTP/2 client that keeps a core busy without asking for anything is sent away.
//! - `described`: a 304 keeps its `Content-Length`.
//! - `delivered`: an answer that breaks off comes as far as it got.
//! - `io`: a peer that stops reading is not waited for; an answer that only the connection's end delimits never ends
//!   well when it was cut.
//! - `request_body`, `entrance`: an answer that is an HTTP/1 connection's last one says so.
//! - `linger`: an answer sent before the request's body was read reaches the client.
//! - `leftover`: the same over HTTP/2, where the stream would be reset.

mod accept;
mod activity;
mod bind;
mod chatter;
mod connection;
mod delivered;
mod described;
mod descriptors;
mod drive;
mod entrance;
mod frames;
mod framing;
mod head_awaited;
mod io;
mod leftover;
mod limits;
mod linger;
mod listeners;
mod piece;
mod request_body;
mod shutdown;
mod sniff;
mod workers;

use std::convert::Infallible;
use std::error::Error;
use std::net::SocketAddr;
use std::ops::AddAssign;
use std::sync::Arc;

use http::{Request, Response};
use http_body::Body;
use tokio::net::TcpListener;
use tokio::task::{JoinError, JoinSet};
use tower::Service;
use tracing::{debug, error};

use self::accept::Acceptor;
pub(crate) use self::accept::Room;
pub use self::bind::bind;
use self::connection::Connections;
pub use self::limits::{Limits, Linger};
pub use self::listeners::Listeners;
pub use self::request_body::RequestBody;
pub use self::shutdown::Shutdown;
#[cfg(unix)]
pub use self::shutdown::signals;
pub(crate) use self::workers::Workers;
pub use self::workers::WorkersError;

/// How the connections that were open when the shutdown began came to their end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Connections that finished what they were doing.
    pub drained: usize,
    /// Connections cut off, at the deadline or by [`Shutdown::abort`].
    pub aborted: usize,
}

impl AddAssign for Report {
    fn add_assign(&mut self, other: Self) {
        self.drained += other.drained;
        self.aborted += other.aborted;
    }
}

/// Serves HTTP on `listener` until `shutdown` begins and its connections have ended.
///
/// `make_service` is called once a connection with the peer's address; the service it returns is cloned once a
/// request, and polled ready before it is called. It sees requests within `limits` only.
///
/// When `shutdown` begins the listener is closed at once, idle connections too, requests in flight finish (HTTP/1.1
/// answers carry `Connection: close`, HTTP/2 gets a GOAWAY), and what is left after [`Limits::shutdown`], or when
/// the shutdown turns into an abort, is cut off. Connections that were upgraded are no longer this function's: it does
/// not wait for them, but they keep counting against [`Limits::connections`].
///
/// ```
/// use axum::{Router, routing::get};
/// use gateway::serve::{Limits, Shutdown, bind, serve, signals};
///
/// # #[tokio::main]
/// # async fn main() -> std::io::Result<()> {
/// let app = Router::new().route("/", get(|| async { "hello" }));
/// let limits = Limits { connections: 2000, ..Limits::default() }.within_open_file_limit();
/// let shutdown = Shutdown::new();
/// signals(shutdown.clone())?;
/// # shutdown.begin();
/// let report = serve(bind(([127, 0, 0, 1], 0).into())?, move |_peer| app.clone(), limits, shutdown).await;
/// println!("{} connections finished, {} were cut off", report.drained, report.aborted);
/// # Ok(())
/// # }
/// ```
pub async fn serve<M, S, B>(
    listener: TcpListener,
    make_service: M,
    limits: Limits,
    shutdown: Shutdown,
) -> Report
where
    M: Fn(SocketAddr) -> S,
    S: Service<Request<RequestBody>, Response = Response<B>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send + 'static,
    B: Body<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>> + Default + Send + 'static,
{
    serve_within(Room::for_connections(limits.connections), listener, make_service, limits, shutdown).await
}

/// As [`serve`], with the room for connections that several listeners share.
pub(crate) async fn serve_within<M, S, B>(
    room: Room,
    listener: TcpListener,
    make_service: M,
    limits: Limits,
    shutdown: Shutdown,
) -> Report
where
    M: Fn(SocketAddr) -> S,
    S: Service<Request<RequestBody>, Response = Response<B>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send + 'static,
    B: Body<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>> + Default + Send + 'static,
{
    let mut acceptor = Acceptor::new(listener, room);
    let protocols = Arc::new(Connections::new(limits));
    let mut tasks = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            () = shutdown.begun() => break,
            Some(ended) = tasks.join_next() => log_panic(ended),
            (stream, peer, permit) = acceptor.accept() => {
                let service = make_service(peer);
                tasks.spawn(Arc::clone(&protocols).serve(stream, permit, service, shutdown.subscribe()));
            }
        }
    }
    drop(acceptor);
    drain(tasks, limits, shutdown).await
}

async fn drain(mut tasks: JoinSet<()>, limits: Limits, shutdown: Shutdown) -> Report {
    let mut drained = 0;
    let all = async {
        while let Some(ended) = tasks.join_next().await {
            log_panic(ended);
            drained += 1;
        }
    };
    tokio::select! {
        biased;
        () = all => {}
        () = shutdown.aborted() => debug!("shutdown aborted"),
        () = tokio::time::sleep(limits.shutdown) => debug!("shutdown deadline reached"),
    }
    let aborted = tasks.len();
    tasks.shutdown().await;
    Report { drained, aborted }
}

fn log_panic(ended: Result<(), JoinError>) {
    if let Err(error) = ended
        && error.is_panic()
    {
        error!("a connection's task panicked");
    }
}
