//! The client's connection, as the server reports it.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, Weak};

use arc_swap::ArcSwap;
use crossbeam_utils::atomic::AtomicCell;

use super::super::connection::Connection;
use super::super::endpoint::Endpoint;
use super::ends::Ends;
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
/// of several steps can't succeed. It is the same over the connection of a [`proxy`](Self::of_a_proxy).
///
/// An upstream that expects the PROXY protocol is told its [`Ends`], and then the upstream connection serves only the
/// requests of this client connection too: see [`ClientBuilder::send_proxy`](crate::ClientBuilder::send_proxy).
#[derive(Clone)]
pub struct ClientConnection {
    inner: Arc<Inner>,
}

struct Inner {
    users: Users,
    ends: Option<Ends>,
    bound: OnceLock<Bound>,
}

/// Whose requests come over a client connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Users {
    One,
    /// No upstream connection may be bound by the credentials of one of them.
    Many,
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
    /// Whether a connection to it was bound by credentials, and not only opened with the client's address.
    by_credentials: AtomicBool,
}

const _: () = assert!(AtomicCell::<Option<Box<Idle>>>::is_lock_free());

impl ClientConnection {
    /// A client connection to which nothing is bound yet.
    pub fn new() -> Self {
        Self::of(Users::One, None)
    }

    /// The same, between these ends.
    pub fn between(ends: Ends) -> Self {
        Self::of(Users::One, Some(ends))
    }

    /// The connection of a proxy, which may send the requests of many users over it.
    pub fn of_a_proxy(ends: impl Into<Option<Ends>>) -> Self {
        Self::of(Users::Many, ends.into())
    }

    fn of(users: Users, ends: Option<Ends>) -> Self {
        Self { inner: Arc::new(Inner { users, ends, bound: OnceLock::new() }) }
    }

    /// Between which addresses it is, if the server has said so.
    pub fn ends(&self) -> Option<Ends> {
        self.inner.ends
    }

    /// Whether upstream connections may be bound to it by credentials.
    pub(in crate::client) fn is_of_one_user(&self) -> bool {
        self.inner.users == Users::One
    }

    /// Whether any upstream connection is bound to it by credentials, or was.
    pub fn is_bound(&self) -> bool {
        self.bound().is_some_and(|bound| bound.places.load().iter().any(|place| place.is_by_credentials()))
    }

    /// The targets that connections are or were bound for, with the one that was used last at the front; at most
    /// eight. A balancer above the proxy should send the client's requests there, because in the middle of a
    /// handshake no other endpoint knows of it.
    pub fn bound_to(&self) -> Vec<Target> {
        let Some(bound) = self.bound() else { return Vec::new() };
        let places = bound.places.load();
        let by_credentials = places.iter().rev().filter(|place| place.is_by_credentials());
        let endpoints = by_credentials.filter_map(|place| place.endpoint.upgrade()).collect::<Vec<_>>();
        endpoints.iter().map(|endpoint| Target::clone(endpoint.target())).collect()
    }

    pub(crate) fn is_bound_to(&self, endpoint: &Arc<Endpoint>) -> bool {
        let place = self.bound().and_then(|bound| bound.place(endpoint));
        place.is_some_and(|place| place.is_by_credentials())
    }

    /// Records that a connection to this endpoint is bound, and makes the endpoint the one that was used last.
    pub(in crate::client) fn bind_to(&self, endpoint: &Arc<Endpoint>) {
        let place = self.place_for(endpoint);
        place.by_credentials.store(true, Ordering::Relaxed);
    }

    fn place_for(&self, endpoint: &Arc<Endpoint>) -> Arc<Place> {
        self.inner.bound.get_or_init(Bound::default).make_latest(endpoint)
    }

    fn bound(&self) -> Option<&Bound> {
        self.inner.bound.get()
    }

    /// Keeps an idle connection until it is taken. If there was one for this endpoint already, that one is closed.
    pub(in crate::client) fn leave(&self, idle: Idle, endpoint: &Arc<Endpoint>) {
        self.place_for(endpoint).idle.store(Some(Box::new(idle)));
    }

    /// Takes the connection to that endpoint, if it is open and no other request has it.
    pub(in crate::client) async fn take(&self, endpoint: &Arc<Endpoint>) -> Option<Box<Connection>> {
        let idle = self.bound()?.place(endpoint)?.idle.take()?;
        idle.claim().await
    }

    pub(in crate::client) fn downgrade(&self) -> WeakClientConnection {
        WeakClientConnection(Arc::downgrade(&self.inner))
    }
}

impl Bound {
    fn place(&self, endpoint: &Arc<Endpoint>) -> Option<Arc<Place>> {
        self.places.load().iter().rev().find(|place| place.is_for(endpoint)).cloned()
    }

    fn make_latest(&self, endpoint: &Arc<Endpoint>) -> Arc<Place> {
        if let Some(latest) = self.places.load().last().filter(|place| place.is_for(endpoint)) {
            return Arc::clone(latest);
        }
        let new = Arc::new(Place::new(endpoint));
        let mut place = Arc::clone(&new);
        self.places.rcu(|places| {
            let latest = places.iter().find(|place| place.is_for(endpoint)).unwrap_or(&new);
            place = Arc::clone(latest);
            let mut others: Vec<_> = places.iter().filter(|place| !place.is_for(endpoint)).cloned().collect();
            if others.len() == ENDPOINTS {
                others.remove(0);
            }
            others.push(Arc::clone(latest));
            others
        });
        place
    }
}

impl Place {
    fn new(endpoint: &Arc<Endpoint>) -> Self {
        Self {
            endpoint: Arc::downgrade(endpoint),
            idle: AtomicCell::new(None),
            by_credentials: AtomicBool::new(false),
        }
    }

    fn is_by_credentials(&self) -> bool {
        self.by_credentials.load(Ordering::Relaxed)
    }

    fn is_for(&self, endpoint: &Arc<Endpoint>) -> bool {
        std::ptr::eq(self.endpoint.as_ptr(), Arc::as_ptr(endpoint))
    }
}

/// A weak reference to a client connection, which may have ended.
#[derive(Clone)]
pub(in crate::client) struct WeakClientConnection(Weak<Inner>);

impl WeakClientConnection {
    pub(in crate::client) fn upgrade(&self) -> Option<ClientConnection> {
        self.0.upgrade().map(|inner| ClientConnection { inner })
    }
}

impl Default for ClientConnection {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for ClientConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientConnection").field("bound_to", &self.bound_to()).finish()
    }
}
