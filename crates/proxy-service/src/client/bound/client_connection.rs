//! The client's connection, as a server tells of it.

use std::fmt;
use std::sync::{Arc, OnceLock, Weak};

use arc_swap::ArcSwap;
use crossbeam_utils::atomic::AtomicCell;

use super::super::connection::Connection;
use super::super::endpoint::Endpoint;
use super::idle::Idle;
use crate::target::Target;

/// Endpoints that one client connection has connections of its own to; one more, and that to the first is closed.
const ENDPOINTS: usize = 8;

/// A client's connection to the server, which upstream connections may be bound to.
///
/// Some upstreams authenticate connections rather than requests: with NTLM, and with Negotiate as IIS has it, whoever has shown
/// once who they are goes by that name until the connection ends. An upstream connection on which such credentials were sent,
/// or asked for, is *bound*: it serves the requests of this client connection and of no other, and is closed with it, that
/// is with the last clone of this.
///
/// Make one for each connection that the server accepts, and tell it to the requests with [`Peer::over`](crate::Peer::over).
/// One that several clients share would let each of them act in the others' names. For requests without one, each that shows
/// such credentials has an upstream connection to itself, so that a handshake of several steps can't succeed.
#[derive(Clone, Default)]
pub struct ClientConnection {
    bound: Arc<OnceLock<Bound>>,
}

/// What is bound to a client connection; made with the first.
#[derive(Default)]
struct Bound {
    /// The one that was used last is last.
    places: ArcSwap<Vec<Arc<Place>>>,
}

/// For the connection to one endpoint, while it is idle.
struct Place {
    /// Its address is nobody else's for as long as there is this.
    endpoint: Weak<Endpoint>,
    idle: AtomicCell<Option<Box<Idle>>>,
}

const _: () = assert!(AtomicCell::<Option<Box<Idle>>>::is_lock_free());

impl ClientConnection {
    /// A connection that nothing is bound to yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether any upstream connection is bound to it, or was.
    pub fn is_bound(&self) -> bool {
        self.bound.get().is_some()
    }

    /// Where connections are or were bound to it, the latest first; at most eight. A balancer above should send its requests there:
    /// in the middle of a handshake no other endpoint knows what they are about.
    pub fn bound_to(&self) -> Vec<Target> {
        let Some(bound) = self.bound.get() else { return Vec::new() };
        let endpoints =
            bound.places.load().iter().rev().filter_map(|place| place.endpoint.upgrade()).collect::<Vec<_>>();
        endpoints.iter().map(|endpoint| Target::clone(endpoint.target())).collect()
    }

    pub(crate) fn is_bound_to(&self, endpoint: &Arc<Endpoint>) -> bool {
        self.bound.get().is_some_and(|bound| bound.place(endpoint).is_some())
    }

    /// One of its connections is to that endpoint from now on.
    pub(in crate::client) fn bind_to(&self, endpoint: &Arc<Endpoint>) {
        self.bound.get_or_init(Bound::default).make_latest(endpoint);
    }

    /// Leaves a connection until it is taken. One that was there before is closed.
    pub(in crate::client) fn leave(&self, idle: Idle, endpoint: &Arc<Endpoint>) {
        self.bind_to(endpoint);
        if let Some(place) = self.bound.get().and_then(|bound| bound.place(endpoint)) {
            place.idle.store(Some(Box::new(idle)));
        }
    }

    /// The connection to that endpoint, if it is open and nobody else uses it.
    pub(in crate::client) async fn take(&self, endpoint: &Arc<Endpoint>) -> Option<Box<Connection>> {
        let idle = self.bound.get()?.place(endpoint)?.idle.take()?;
        idle.claim().await
    }

    pub(in crate::client) fn downgrade(&self) -> WeakClientConnection {
        WeakClientConnection(Arc::downgrade(&self.bound))
    }
}

impl Bound {
    fn place(&self, endpoint: &Arc<Endpoint>) -> Option<Arc<Place>> {
        self.places.load().iter().rev().find(|place| place.is_for(endpoint)).cloned()
    }

    fn make_latest(&self, endpoint: &Arc<Endpoint>) {
        if self.places.load().last().is_some_and(|place| place.is_for(endpoint)) {
            return;
        }
        let new = Arc::new(Place { endpoint: Arc::downgrade(endpoint), idle: AtomicCell::new(None) });
        self.places.rcu(|places| {
            let latest = places.iter().find(|place| place.is_for(endpoint)).unwrap_or(&new);
            let mut others: Vec<_> = places.iter().filter(|place| !place.is_for(endpoint)).cloned().collect();
            if others.len() == ENDPOINTS {
                others.remove(0);
            }
            others.push(Arc::clone(latest));
            others
        });
    }
}

impl Place {
    fn is_for(&self, endpoint: &Arc<Endpoint>) -> bool {
        std::ptr::eq(self.endpoint.as_ptr(), Arc::as_ptr(endpoint))
    }
}

/// A client connection that may have ended.
#[derive(Clone)]
pub(in crate::client) struct WeakClientConnection(Weak<OnceLock<Bound>>);

impl WeakClientConnection {
    pub(in crate::client) fn upgrade(&self) -> Option<ClientConnection> {
        self.0.upgrade().map(|bound| ClientConnection { bound })
    }
}

impl fmt::Debug for ClientConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientConnection").field("bound_to", &self.bound_to()).finish()
    }
}
