//! Serves the operator's app on a thread of its own, so that no page and no scrape keeps a worker from its requests.

use std::fmt;
use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use axum::Router;
use tower::ServiceBuilder;

use super::reached::Reached;
use crate::config::Address;
use crate::serve::{
    Arrival, Door, Limits, ListenerSet, Listeners, Options, Reception, Report, Room, Serve, Serving,
    Shutdown, Workers, serve_within,
};

/// The operator's listener, which serves until this is dropped.
#[must_use]
pub struct Attended {
    shutdown: Shutdown,
    serving: Serving,
    _worker: Workers,
}

/// Who may connect to a Unix socket.
const OWNER_AND_GROUP: u32 = 0o660;

/// Serves the operator's app on these listeners, which were opened for one worker, until `shutdown` begins. That isn't the
/// shutdown of the gateway: while that goes on, an operator may want to see how. Only their owner and its group may connect
/// to Unix sockets.
///
/// # Errors
/// If the sockets can't be registered, or the thread can't be started.
pub fn attend(listeners: Listeners, app: Router, shutdown: Shutdown) -> io::Result<Attended> {
    for address in listeners.addresses() {
        if let Address::Unix(path) = address {
            fs::set_permissions(path, Permissions::from_mode(OWNER_AND_GROUP))?;
        }
    }
    let worker = Workers::apart("operator")?;
    let (_, serving) = ListenerSet::start(listeners, worker.runtimes(), serve(app), shutdown.clone())?;
    Ok(Attended { shutdown, serving, _worker: worker })
}

impl Attended {
    /// Ends it: requests in flight have a second.
    pub async fn end(self) {
        self.shutdown.begin();
        // What became of it, the log has said.
        let _ended = self.serving.ended().await;
    }
}

impl fmt::Debug for Attended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attended").field("shutdown", &self.shutdown).finish_non_exhaustive()
    }
}

fn serve(app: Router) -> Box<Serve> {
    let limits = limits();
    let room = Room::for_connections(limits.connections);
    let options = Arc::new(ArcSwap::from_pointee(Options::from(limits)));
    Box::new(move |door: Door| -> Pin<Box<dyn Future<Output = Report> + Send>> {
        let Door { listening, shutdown, .. } = door;
        let app = app.clone();
        let make_service = move |arrival: &Arrival| {
            let reached = Reached::over(arrival);
            ServiceBuilder::new().map_request(move |request| reached.tell(request)).service(app.clone())
        };
        let reception = Reception::new(make_service, Arc::clone(&options));
        Box::pin(serve_within(room.clone(), listening, reception, shutdown))
    })
}

/// Operators are few, and nobody waits long for them when the gateway ends.
fn limits() -> Limits {
    Limits {
        connections: 256,
        header_section_bytes: 16 << 10,
        shutdown: Duration::from_secs(1),
        ..Limits::default()
    }
}
