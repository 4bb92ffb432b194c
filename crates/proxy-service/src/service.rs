//! `ProxyService`: where a request begins its way to the upstream.

use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use http_body::Body;
use tower_service::Service;

use crate::body::ProxyBody;
use crate::client::ConnectionCounts;
use crate::error::{BoxError, ErrorKind, ProxyError, Stage};
use crate::failed::Failed;
use crate::failures::Failures;
use crate::future::ProxyFuture;
use crate::outgoing;
use crate::request_body::{RequestBody, Whole};
use crate::settings::{BegunBodies, Settings};
use crate::target::Target;
use crate::tunnel::Tunnels;

/// Forwards each request to one upstream, over any HTTP client service.
///
/// Each request should have a [`Peer`](crate::Peer) among its extensions, which says who sent it: see
/// [`PeerLayer`](crate::PeerLayer). Without one the upstream is not told who the client is, and the service warns
/// once in the log.
///
/// The body types are the caller's and the client's own; neither is boxed. The client gets the request's body as a
/// [`RequestBody`], the caller gets the response's as a [`ProxyBody`].
///
/// Errors are [`Failed`]. Put a [`CatchErrorLayer`](crate::CatchErrorLayer) around the service to answer them.
#[derive(Clone, Debug)]
pub struct ProxyService<C> {
    client: C,
    owner: Arc<Owner>,
}

/// Closes the idle connections when the last clone of the service is dropped. Requests that are under way share the
/// settings, so the settings can't do that.
#[derive(Debug)]
struct Owner {
    settings: Arc<Settings>,
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.settings.endpoint.retire();
    }
}

impl<C> ProxyService<C> {
    /// Forwards to `target` over `client`, with every default. [`ProxyLayer`](crate::ProxyLayer) has the options.
    pub fn new(target: Target, client: C) -> Self {
        Self::with(client, Settings::new(target))
    }

    pub(crate) fn with(client: C, settings: Settings) -> Self {
        Self { client, owner: Arc::new(Owner { settings: Arc::new(settings) }) }
    }

    fn settings(&self) -> &Arc<Settings> {
        &self.owner.settings
    }

    /// The upstream.
    pub fn target(&self) -> &Target {
        self.settings().target()
    }

    /// Its tunnels, as [`ProxyLayer::tunnels`](crate::ProxyLayer::tunnels) has set them.
    pub fn tunnels(&self) -> &Tunnels {
        &self.settings().tunnels
    }

    /// How many connections to the upstream there are. All counts are 0 unless the client is a
    /// [`Client`](crate::Client) of this crate.
    pub fn connections(&self) -> ConnectionCounts {
        self.settings().endpoint.counts()
    }

    /// How requests failed that were sent to the upstream or should have been. A request that was sent twice counts only
    /// if the second time failed, too. One that the client gave up isn't counted.
    pub fn failures(&self) -> Failures {
        self.settings().endpoint.failures().read()
    }
}

impl<C, B, U> Service<Request<B>> for ProxyService<C>
where
    C: Service<Request<RequestBody<B>>, Response = Response<U>> + Clone,
    C::Error: Into<BoxError>,
    B: Body + Unpin,
    B::Error: Into<BoxError>,
    U: Body + Unpin,
    U::Error: Into<BoxError>,
{
    type Response = Response<ProxyBody<U>>;
    type Error = Failed<Request<B>>;
    type Future = ProxyFuture<C, B>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Failed<Request<B>>>> {
        let unready =
            |error| ProxyError::new(ErrorKind::DestinationUnavailable, Stage::Connect).because(error);
        self.client.poll_ready(cx).map_err(|error| unready(error).into())
    }

    fn call(&mut self, request: Request<B>) -> ProxyFuture<C, B> {
        let (mut parts, body) = request.into_parts();
        let body = match self.settings().begun_bodies {
            BegunBodies::GoElsewhere => Whole::of_request(body, &mut parts.extensions),
            BegunBodies::StayHere => Whole::untouched(body),
        };
        match outgoing::prepare(&parts, body, self.settings()) {
            Ok((request, kept)) => {
                let spare = self.client.clone();
                let response = self.client.call(request);
                ProxyFuture::sent(response, spare, parts, kept, Arc::clone(self.settings()))
            }
            Err(refused) => ProxyFuture::refused(refused, self.client.clone(), Arc::clone(self.settings())),
        }
    }
}
