//! `PeerLayer`: who sent a request, where the server says so in an extension of its own.

use std::any::type_name;
use std::fmt;
use std::marker::PhantomData;
use std::task::{Context, Poll};

use http::Request;
use tower_layer::Layer;
use tower_service::Service;

use crate::peer::Peer;

/// Tells [`ProxyService`](crate::ProxyService) who sent each request, from an extension that the server puts into it.
///
/// A server has its own way to say who is at the other end of a connection. axum, for one, puts a
/// `ConnectInfo<SocketAddr>` into each request if it is served by `into_make_service_with_connect_info`. This layer
/// makes a [`Peer`] of it, for everything below the layer:
///
/// ```
/// use std::net::SocketAddr;
///
/// use proxy_service::{CatchErrorLayer, PeerLayer, ProxyService, Target, client};
/// use tower::ServiceBuilder;
/// # /// As `axum::extract::ConnectInfo`.
/// # #[derive(Clone)]
/// # struct ConnectInfo<T>(T);
/// # fn service<S: tower::Service<http::Request<http_body_util::Empty<bytes::Bytes>>>>(_: S) {}
///
/// let target: Target = "http://127.0.0.1:9001".parse()?;
/// let proxy = ServiceBuilder::new()
///     .layer(PeerLayer::from_extension(|ConnectInfo(addr): &ConnectInfo<SocketAddr>| *addr))
///     .layer(CatchErrorLayer::new())
///     .service(ProxyService::new(target, client()));
/// # service(proxy);
/// # Ok::<(), proxy_service::InvalidTarget>(())
/// ```
///
/// The closure may return anything that is `Into<Peer>`:
///
/// - A [`SocketAddr`](std::net::SocketAddr) is a peer over plain TCP.
/// - [`Peer::new(*addr).over_tls()`](Peer::over_tls) is a peer over TLS.
/// - A [`Peer`] that was made when the connection was accepted saves work, since its text is rendered once and not for
///   each request. It can also have a [`ClientConnection`](crate::ClientConnection).
///
/// A [`Peer`] that a request has already is replaced. A request without the extension stays as it is.
///
/// # Whom to trust
///
/// The peer is whoever opened the connection. Take it from what the listener saw, and never from a header: anybody can
/// send `X-Forwarded-For`.
///
/// If a proxy of yours stands in front of the server, that proxy is the peer. Name it in
/// [`ProxyLayer::trusted_peers`](crate::ProxyLayer::trusted_peers), and what it says of the client is passed on. Give
/// such a peer no [`ClientConnection`](crate::ClientConnection), because it sends the requests of many clients.
pub struct PeerLayer<E, F> {
    peer: F,
    extension: PhantomData<fn(&E)>,
}

impl<E, F> PeerLayer<E, F> {
    /// Makes the [`Peer`] of each request from its extension of type `E`.
    pub fn from_extension<P>(peer: F) -> Self
    where
        F: Fn(&E) -> P,
        P: Into<Peer>,
    {
        Self { peer, extension: PhantomData }
    }
}

impl<S, E, F: Clone> Layer<S> for PeerLayer<E, F> {
    type Service = WithPeer<S, E, F>;

    fn layer(&self, inner: S) -> WithPeer<S, E, F> {
        WithPeer { inner, layer: self.clone() }
    }
}

impl<E, F: Clone> Clone for PeerLayer<E, F> {
    fn clone(&self) -> Self {
        Self { peer: self.peer.clone(), extension: PhantomData }
    }
}

impl<E, F> fmt::Debug for PeerLayer<E, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PeerLayer").field("extension", &type_name::<E>()).finish_non_exhaustive()
    }
}

/// The service of a [`PeerLayer`]: the service below it gets each request with its [`Peer`].
pub struct WithPeer<S, E, F> {
    inner: S,
    layer: PeerLayer<E, F>,
}

impl<S, B, E, F, P> Service<Request<B>> for WithPeer<S, E, F>
where
    S: Service<Request<B>>,
    E: Send + Sync + 'static,
    F: Fn(&E) -> P,
    P: Into<Peer>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> S::Future {
        let peer = request.extensions().get::<E>().map(|extension| (self.layer.peer)(extension).into());
        if let Some(peer) = peer {
            request.extensions_mut().insert::<Peer>(peer);
        }
        self.inner.call(request)
    }
}

impl<S: Clone, E, F: Clone> Clone for WithPeer<S, E, F> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), layer: self.layer.clone() }
    }
}

impl<S: fmt::Debug, E, F> fmt::Debug for WithPeer<S, E, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WithPeer").field("inner", &self.inner).field("layer", &self.layer).finish()
    }
}
