#![doc = include_str!("../../README.md")]
//!
//! # As a library
//!
//! The gateway composes `proxy-service`, `balance` and `admin-auth` on axum, as a configuration describes it.
//!
//! 1. [`Config::load`] reads and checks a configuration file.
//! 2. [`app`] makes a [`Gateway`] from it.
//! 3. [`Gateway::serve`] serves it on one listener, or [`Gateway::serve_on_workers`] on several threads, until a
//!    [`Shutdown`] stops it.
//!
//! The binary and the tests use the same functions. The example at [`Gateway::serve_on_workers`] is a whole program.

mod admission;
mod asterisk;
pub mod backend;
mod background;
mod bodiless;
pub mod cli;
pub mod config;
mod cookies;
mod diagnosed;
pub mod discovery;
mod edge;
mod ending;
pub mod explain;
mod files;
mod gates;
mod index;
pub mod live;
pub mod observe;
pub mod operator;
mod panics;
mod peer;
mod pick;
#[cfg(unix)]
pub mod pid_file;
pub mod pools;
mod redirect;
mod request_id;
pub mod route;
pub mod serve;
mod stay;
#[cfg(unix)]
pub mod supervisor;
mod table;
#[cfg(feature = "tls")]
mod tls;

use std::convert::Infallible;
use std::net::{Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::response::IntoResponse;
use futures_core::Stream;
use proxy_service::Tunnels;
use tokio::net::TcpListener;
use tower::Service;

use crate::background::{Ground, Lease};
use crate::config::Config;
use crate::discovery::Found;
use crate::ending::Ending;
use crate::live::{ApplyError, Entrance, Handle, trusted_now};
use crate::observe::Tracer;
use crate::observe::log::Log;
use crate::peer::Sender;
#[cfg(feature = "tls")]
use crate::serve::Room;
use crate::serve::{
    Arrival, Door, ListenerSet, Listeners, Listening, Proxied, Reception, Report, Serve, Shutdown, Workers,
    WorkersError,
};

/// A gateway that is composed and doesn't serve yet. [`app`] makes one.
#[derive(Debug)]
pub struct Gateway {
    handle: Handle,
    tunnels: Tunnels,
    shutdown: Shutdown,
    /// The places for TLS handshakes.
    #[cfg(feature = "tls")]
    handshakes: Room,
}

/// Composes the gateway that a configuration describes. It serves until `shutdown` begins.
///
/// # Errors
/// [`ApplyError::Token`] if an admin token is malformed. This can't happen with a [`Config`] that was read from a file.
pub fn app(config: Config, shutdown: Shutdown) -> Result<Gateway, ApplyError> {
    let tunnels = Tunnels::default();
    #[cfg(feature = "tls")]
    let handshakes = Room::for_connections(config.limits.handshakes);
    let handle = Handle::new(config, tunnels.clone(), shutdown.clone())?;
    Ok(Gateway {
        handle,
        tunnels,
        shutdown,
        #[cfg(feature = "tls")]
        handshakes,
    })
}

impl Gateway {
    /// The handle by which the configuration is changed, before the gateway serves and while it does.
    #[must_use]
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// The operator's app: state, and what can be done. To be served where only operators come; see
    /// [`Operator`](operator::Operator).
    pub fn operator(&self) -> Router {
        operator::Operator::of(self.handle()).router()
    }

    /// Adds a service of your own below a prefix. Its requests go through the same outer layers as those of the routes:
    /// request id, access log, panics, timeout. It sees paths without the prefix, as with
    /// [`Router::nest_service`](axum::Router::nest_service). It is there whatever the [`handle`](Self::handle) changes.
    ///
    /// # Panics
    /// If the prefix is `/`, or is that of a route or page of the configuration; or while a configuration is applied.
    #[must_use]
    pub fn nest_service<S>(self, prefix: &str, service: S) -> Self
    where
        S: Service<Request<Body>, Response: IntoResponse, Error = Infallible, Future: Send>
            + Clone
            + Send
            + Sync
            + 'static,
    {
        self.handle.mount(prefix, service);
        self
    }

    /// Takes the endpoints of a pool from a source of your own: each set that the stream yields replaces the one before
    /// and the upstreams that the configuration lists for the pool. Until the first set comes, it has these.
    ///
    /// Endpoints that stay in the set keep their connections, health and counters. Those that leave get no new request,
    /// and what is in flight to them finishes. If the stream ends, the last set stays. A configuration that is applied
    /// later changes nothing of this. The example `discovery` is a whole program.
    ///
    /// # Panics
    /// If the configuration has no pool of that name.
    #[must_use]
    pub fn discovery<S>(self, pool: &str, sets: S) -> Self
    where
        S: Stream<Item: IntoIterator<Item: Into<Found>>> + Send + 'static,
    {
        self.handle.take_from(sets, pool);
        self
    }

    /// Tells the gateway of the log of its process: a configuration that is applied later may lead it elsewhere, and lines
    /// for requests that have a form of their own go there. Without it, such lines are tracing events of the usual form.
    ///
    /// # Panics
    /// While a configuration is applied.
    #[must_use]
    pub fn logging(self, log: &Log) -> Self {
        self.handle.attend_to(log);
        self
    }

    /// Serves on `listener` until the shutdown that was given to [`app`] is over. Requests and tunnels may go on until
    /// `timeouts.shutdown` after its beginning, or until it turns into an abort. The report counts both.
    ///
    /// Everything runs in the tokio runtime of the caller, which may be of any kind.
    pub async fn serve(self, listener: TcpListener) -> Report {
        let door = Door {
            listen: local_addr(&listener).into(),
            listening: Arc::new(Listening::Tcp(listener)),
            shutdown: self.shutdown.clone(),
        };
        self.handle.observed().runs_in(&[tokio::runtime::Handle::current()]);
        let Running { serve, ending, tracer, _lease, handle } = self.start().await;
        let (report, tunnels) = ending.of(serve(door)).await;
        handle.lines_are_written().await;
        flush(tracer).await;
        tunnels.added_to(report)
    }

    /// Serves on as many threads (workers) as the listeners were opened for, until the shutdown that was given to [`app`] is
    /// over. [`Config::workers`] says how many.
    ///
    /// The first worker is the runtime of the caller. Each of the others is a thread with a single-threaded runtime. A
    /// connection stays with one worker. All workers share pools, health, limits and the shutdown, and the report is
    /// for all of them. Background tasks such as probes run once, in the runtime of the caller. When this future
    /// completes or is dropped, the threads of the other workers have ended, and so has everything that ran on them.
    ///
    /// ```no_run
    /// use gateway::config::Config;
    /// use gateway::serve::{Listeners, Shutdown, signals};
    ///
    /// #[tokio::main(flavor = "current_thread")]
    /// async fn main() -> Result<(), Box<dyn std::error::Error>> {
    ///     let config = Config::load("gateway.toml")?;
    ///     let listeners = Listeners::bind(config.listen.clone(), config.workers)?;
    ///     let shutdown = Shutdown::new();
    ///     signals(shutdown.clone())?;
    ///     gateway::app(config, shutdown)?.serve_on_workers(listeners).await?;
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    /// [`WorkersError`] if a worker can't be started, or if one panicked outside of a connection. In that case the
    /// others have shut down.
    ///
    /// # Panics
    /// Outside a tokio runtime with I/O and time enabled.
    pub async fn serve_on_workers(self, listeners: Listeners) -> Result<Report, WorkersError> {
        let workers = Workers::start(listeners.workers()).map_err(WorkersError::Start)?;
        let shutdown = self.shutdown.clone();
        self.handle.observed().runs_in(&workers.runtimes());
        let Running { serve, ending, tracer, _lease, handle } = self.start().await;
        let (set, serving) = ListenerSet::start(listeners, workers.runtimes(), serve, shutdown)
            .map_err(WorkersError::Start)?;
        handle.listens_with(set).await;
        let (served, tunnels) = ending.of(serving.ended()).await;
        handle.lines_are_written().await;
        flush(tracer).await;
        match served {
            Err(WorkersError::Panicked(report)) => Err(WorkersError::Panicked(tunnels.added_to(report))),
            served => served.map(|report| tunnels.added_to(report)),
        }
    }

    async fn start(self) -> Running {
        let Self { handle, tunnels, shutdown, .. } = self;
        #[cfg(feature = "tls")]
        let (terminators, handshakes) = (handle.terminators().await, self.handshakes);
        let (ground, lease) = Ground::here();
        let current = handle.start(ground).await;
        let tracer = handle.tracer().inspect(Tracer::start);
        let terms = handle.terms().clone();
        let observed = handle.observed().clone();
        let ending = Ending { tunnels, shutdown, options: terms.options().clone() };
        let serve = move |door: Door| -> Pin<Box<dyn Future<Output = Report> + Send>> {
            let Door { listening, listen, shutdown } = door;
            let listener = listen.address.to_string();
            let current = current.clone();
            #[cfg(feature = "tls")]
            let (terminators, address) = (terminators.clone(), listen.address.clone());
            #[cfg(feature = "tls")]
            let security = terminators.security(&address, &handshakes);
            let proxied = listen.proxy_protocol.then(|| Proxied::by(trusted_now(&current)));
            let make_service = move |arrival: &Arrival| {
                let service = Entrance::new(&current, Sender::of(arrival).redirecting_to(listen.redirect));
                #[cfg(feature = "tls")]
                let service = terminators.telling(&address, arrival, service);
                service
            };
            let reception = Reception::new(make_service, terms.options().clone())
                .behind(proxied)
                .counted_by(observed.listener(&listener));
            #[cfg(feature = "tls")]
            let reception = reception.secured_by(security);
            Box::pin(serve::serve_within(terms.room().clone(), listening, reception, shutdown))
        };
        Running { serve: Box::new(serve), ending, tracer, _lease: lease, handle }
    }
}

/// A gateway whose background tasks run, and that can serve listeners.
struct Running {
    serve: Box<Serve>,
    ending: Ending,
    tracer: Option<Tracer>,
    /// The background tasks end when this is dropped.
    _lease: Lease,
    /// What runs in the background ends with the last handle, and a program needs not keep one.
    handle: Handle,
}

/// Sends the spans that are left.
async fn flush(tracer: Option<Tracer>) {
    if let Some(tracer) = tracer {
        tracer.flush().await;
    }
}

/// The address of a listener that was opened elsewhere.
fn local_addr(listener: &TcpListener) -> SocketAddr {
    listener.local_addr().unwrap_or_else(|_| SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0)))
}
