//! The listener: serves HTTP on TCP and Unix sockets, with limits and a graceful shutdown.
//!
//! [`serve`] accepts connections on a [`TcpListener`] (see [`bind()`]) and speaks HTTP/1.0, HTTP/1.1 and HTTP/2 with
//! prior knowledge. It enforces the time limits and sizes in [`Limits`], and ends when [`Shutdown`] begins.
//!
//! - `accept`: a connection takes a permit *before* it is accepted, so that further connections wait in the kernel's
//!   backlog. If the process runs out of file descriptors, it pauses before it accepts again.
//! - `listeners`, `workers`: several threads serve the same addresses, each with a runtime and sockets of its own.
//! - `directory`, `listener_set`: which listeners are open; some come and others go while the gateway serves.
//! - `handover`, `inherited`: sockets are given to another process, and taken from one.
//! - `connection`, `arrival`, `sniff`: what is known of a connection before its first request, and which protocol it
//!   speaks, within a time limit.
//! - `proxied`: the header with which a proxy tells from where its client connected.
//! - `security`, `handshake`, `layered`: TLS, if the listener speaks it.
//! - `http1`: HTTP/1 connections, on our own codec.
//! - `http2`: HTTP/2 connections, on the `h2` crate.
//! - `interim`, `handoff`: interim (1xx) answers and bodies on their way between the app and its connection.
//! - `upgrade`: what a request has in its extensions, so that a service can take its connection over.
//! - `linger`: a response that is sent before the request's body was read still reaches the client.

mod accept;
mod arrival;
mod bind;
mod bound;
mod connection;
mod descriptors;
mod directory;
mod door;
mod ear;
mod handed;
mod handoff;
mod handover;
#[cfg(feature = "tls")]
mod handshake;
mod http1;
mod http2;
mod inherited;
mod interim;
mod layered;
mod limits;
mod linger;
mod listener_set;
mod listeners;
mod listening;
mod options;
mod passes_io_on;
mod protocol;
mod proxied;
mod refused;
mod request_body;
#[cfg(feature = "tls")]
mod secured;
#[cfg(feature = "tls")]
mod security;
mod shutdown;
#[cfg(unix)]
mod signals;
mod sniff;
mod socket;
mod sockets;
mod stream;
mod tally;
mod timer;
mod unix_socket;
mod upgrade;
mod workers;

use std::convert::Infallible;
use std::error::Error;
use std::net::SocketAddr;
use std::ops::AddAssign;
use std::sync::Arc;

use arc_swap::ArcSwap;
use http::{Request, Response};
use http_body::Body;
pub use proxy_service::{Informational, InformationalError};
use tokio::net::TcpListener;
use tokio::task::{JoinError, JoinSet};
use tower::Service;
use tracing::error;

pub(crate) use self::accept::Room;
use self::accept::{Acceptor, Permit};
pub(crate) use self::arrival::Arrival;
pub use self::bind::bind;
pub use self::bound::BindError;
pub(crate) use self::connection::Reception;
use self::connection::serve_connection;
pub(crate) use self::door::Door;
pub use self::handover::{Handover, HandoverError};
#[cfg(feature = "tls")]
pub(crate) use self::handshake::{Answer, Signature, Terms};
pub use self::inherited::Inherited;
pub use self::limits::{Limits, Linger};
pub(crate) use self::listener_set::{Change, ListenerSet, Serve, Serving};
pub use self::listeners::Listeners;
pub(crate) use self::listening::Listening;
pub(crate) use self::options::LiveOptions;
pub use self::options::{HeaderCase, Options};
pub(crate) use self::proxied::Proxied;
pub(crate) use self::refused::stand_in;
pub use self::refused::{Fault, Refusals, Refused};
pub use self::request_body::{RequestBody, RequestBodyError};
#[cfg(feature = "tls")]
pub(crate) use self::security::Security;
pub use self::shutdown::Shutdown;
#[cfg(unix)]
pub use self::signals::{signals, signals_after};
use self::socket::Socket;
use self::stream::Counted;
use self::unix_socket::SocketFile;
pub(crate) use self::upgrade::nobodys;
pub(crate) use self::workers::Workers;
pub use self::workers::WorkersError;

/// How many connections were open when the shutdown began, and how they ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Connections that ended in order: their requests in flight were answered.
    pub drained: usize,
    /// Connections that were cut off, at the end of [`Limits::shutdown`] or by [`Shutdown::abort`].
    pub aborted: usize,
}

impl AddAssign for Report {
    fn add_assign(&mut self, other: Self) {
        self.drained += other.drained;
        self.aborted += other.aborted;
    }
}

/// Serves HTTP on `listener`. Returns when `shutdown` has begun and all connections have ended.
///
/// `make_service` is called once for each connection, in the connection's task, with the peer's address. The service that
/// it returns is cloned for each request, and polled until it is ready before it is called. It sees only requests that are
/// within the [`Limits`] in `options`.
///
/// When `shutdown` begins, connections that wait to be accepted still are, if there is room. Then the listener is closed, and idle
/// connections are. Requests in flight are finished:
/// HTTP/1.1 responses get `Connection: close`, and an HTTP/2 connection gets a GOAWAY. Connections that are still open
/// after [`Limits::shutdown`], or when the shutdown turns into an abort, are cut off. This function doesn't wait for
/// connections that were upgraded, but they still count against [`Limits::connections`].
///
/// Requests have [`Informational`] in their extensions, unless they came over HTTP/1.0: a handler sends `103 Early
/// Hints` and other interim answers through it.
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
    options: impl Into<Options>,
    shutdown: Shutdown,
) -> Report
where
    M: Fn(SocketAddr) -> S + Send + Sync + 'static,
    S: Service<Request<RequestBody>, Response = Response<B>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send + 'static,
    B: Body<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>> + Default + Send + 'static,
{
    let options = options.into();
    let room = Room::for_connections(options.limits.connections);
    let options = Arc::new(ArcSwap::from_pointee(options));
    let make_service = move |arrival: &Arrival| {
        make_service(
            arrival.peer.expect("a connection that was accepted on a TCP socket has a peer's address"),
        )
    };
    let reception = Reception::new(make_service, options);
    serve_within(room, Arc::new(Listening::Tcp(listener)), reception, shutdown).await
}

/// As [`serve`], with a limit for connections that several listeners share, and the stages before HTTP.
pub(crate) async fn serve_within<M, S, B>(
    room: Room,
    listener: Arc<Listening>,
    reception: Reception<M>,
    shutdown: Shutdown,
) -> Report
where
    M: Fn(&Arrival) -> S + Send + Sync + 'static,
    S: Service<Request<RequestBody>, Response = Response<B>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send + 'static,
    B: Body<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>> + Default + Send + 'static,
{
    let reception = Arc::new(reception);
    let mut acceptor = Acceptor::new(listener, room, Arc::clone(reception.meter()));
    let mut tasks = JoinSet::new();
    let begin = |tasks: &mut JoinSet<()>, (socket, arrival, permit): (Socket, Arrival, Permit)| {
        let stream = Counted::new(socket, permit, reception.meter().accepted());
        tasks.spawn(serve_connection(stream, arrival, Arc::clone(&reception), shutdown.subscribe()));
    };
    loop {
        tokio::select! {
            biased;
            () = shutdown.closed_to_newcomers() => break,
            Some(ended) = tasks.join_next() => log_panic(ended),
            accepted = acceptor.accept() => begin(&mut tasks, accepted),
        }
    }
    // The kernel would reset the connections that wait, and a request that was sent on one of them would fail.
    for _ in 0..bind::BACKLOG {
        let Some(accepted) = acceptor.waiting().await else { break };
        begin(&mut tasks, accepted);
    }
    drop(acceptor);
    drain(tasks, reception.options().limits, shutdown).await
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
        () = shutdown.over(limits.shutdown) => {}
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
