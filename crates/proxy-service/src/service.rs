//! `ProxyService`: the life of a request, in order.

use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use http_body::Body;
use tower_service::Service;

use crate::body::ProxyBody;
use crate::client::ConnectionCounts;
use crate::error::{BoxError, ErrorKind, ProxyError, Stage};
use crate::failed::Failed;
use crate::future::ProxyFuture;
use crate::outgoing;
use crate::request_body::{RequestBody, Whole};
use crate::settings::{BegunBodies, Settings};
use crate::target::Target;

/// Forwards requests to one upstream over any HTTP client service.
///
/// Requests carry a [`Peer`](crate::Peer) extension if the server knows one. Neither body type is named or boxed; the
/// client gets the request's as a [`RequestBody`], the caller the upstream's as a [`ProxyBody`].
///
/// Errors are [`Failed`]: put a [`CatchErrorLayer`](crate::CatchErrorLayer) around it all to answer them.
#[derive(Clone, Debug)]
pub struct ProxyService<C> {
    client: C,
    owner: Arc<Owner>,
}

/// Ends with the last clone of the service, unlike the settings, which requests that are under way share.
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
    /// With every default; [`ProxyLayer`](crate::ProxyLayer) has the options.
    pub fn new(target: Target, client: C) -> Self {
        Self::with(client, Settings::new(target))
    }

    pub(crate) fn with(client: C, settings: Settings) -> Self {
        Self { client, owner: Arc::new(Owner { settings: Arc::new(settings) }) }
    }

    fn settings(&self) -> &Arc<Settings> {
        &self.owner.settings
    }

    /// Where it forwards to.
    pub fn target(&self) -> &Target {
        self.settings().target()
    }

    /// Its connections, if its client is a [`Client`](crate::Client) of this crate.
    pub fn connections(&self) -> ConnectionCounts {
        self.settings().endpoint.counts()
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
