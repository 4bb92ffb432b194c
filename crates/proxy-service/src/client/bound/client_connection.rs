//! The client's connection, as the server reports it.

use std::fmt;
use std::sync::{Arc, OnceLock, Weak};

use arc_swap::ArcSwap;
use crossbeam_utils::atomic::AtomicCell;

use super::super::connection::Connection;
use super::super::endpoint::Endpoint;
use super::idle::Idle;
use crate::target::Target;

/// For how many endpoints a client connection has a place at most. With one more, the place that was used longest ago
/// is dropped, and its idle connection is closed.
const ENDPOINTS: usize = 8;

/// A client's connection to the server. Upstream connections can be bound to it.
///
/// Some upstreams authenticate connections instead of requests: with NTLM, and with Negotiate as IIS does it,
/// everything on a connection is done in the name of the user who has authenticated on it, until the connection ends.
/// An upstream connection is *bound* once such credentials were sent on it, or asked for. It then serves only the
/// requests of this client connection. It is closed when this client connection ends, which is when the last clone of
/// this value is dropped.
///
/// Make one for each connection that the server accepts, and pass it to the requests with
/// [`Peer::over`](crate::Peer::over). If several clients shared one, each of them could act in the names of the
/// others. If a request without one carries such credentials, it has an upstream connection to itself, so a handshake
/// of several steps can't succeed.
#[derive(Clone, Default)]
pub struct ClientConnection {
    bound: Arc<OnceLock<Bound>>,
}

/// What is bound to a client connection. It is made when the first connection is bound.
#[derive(Default)]
struct Bound {
    /// The place that was used last comes last.
    places: ArcSwap<Vec<Arc<Place>>>,
}

/// The place for the connection to one endpoint, while that connection is idle.
struct Place {
    /// Endpoints are compared by address. While this reference exists, no other endpoint can have the same address.
    endpoint: Weak<Endpoint>,
    idle: AtomicCell<Option<Box<Idle>>>,
}

const _: () = assert!(AtomicCell::<Option<Box<Idle>>>::is_lock_free());

impl ClientConnection {
    /// A client connection to which nothing is bound yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether any upstream connection is bound to it, or was.
    pub fn is_bound(&self) -> bool {
        self.bound.get().is_some()
    }

    /// The targets that connections are or were bound for, with the one that was used last at the front; at most
    /// eight. A balancer above the proxy should send the client's requests there, because in the middle of a
    /// handshake no other endpoint knows of it.
    pub fn bound_to(&self) -> Vec<Target> {
        let Some(bound) = self.bound.get() else { return Vec::new() };
        let endpoints =
            bound.places.load().iter().rev().filter_map(|place| place.endpoint.upgrade()).collect::<Vec<_>>();
        endpoints.iter().map(|endpoint| Target::clone(endpoint.target())).collect()
    }

    pub(crate) fn is_bound_to(&self, endpoint: &Arc<Endpoint>) -> bool {
        self.bound.get().is_some_and(|bound| bound.place(endpoint).is_some())
    }

    /// Records that a connection to this endpoint is bound, and makes the endpoint the one that was used last.
    pub(in crate::client) fn bind_to(&self, endpoint: &Arc<Endpoint>) {
        self.bound.get_or_init(Bound::default).make_latest(endpoint);
    }

    /// Keeps an idle connection until it is taken. If there was one for this endpoint already, that one is closed.
    pub(in crate::client) fn leave(&self, idle: Idle, endpoint: &Arc<Endpoint>) {
        self.bind_to(endpoint);
        if let Some(place) = self.bound.get().and_then(|bound| bound.place(endpoint)) {
            place.idle.store(Some(Box::new(idle)));
        }
    }

    /// Takes the connection to that endpoint, if it is open and no other request has it.
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

/// A weak reference to a client connection, which may have ended.
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
