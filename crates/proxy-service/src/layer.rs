//! `ProxyLayer`: the only builder. Everything that can be decided before the first request is decided here.

use std::sync::Arc;

use http::uri::{Authority, Uri};
use tower_layer::Layer;

use crate::headers::forwarded::TrustedPeers;
use crate::headers::host::HostPolicy;
use crate::headers::via::Via;
use crate::prefix::OriginalUri;
use crate::service::ProxyService;
use crate::settings::{BegunBodies, Settings};
use crate::target::Target;
use crate::timeouts::Timeouts;
use crate::tunnel::Tunnels;
use crate::upgrade::Upgrades;

/// Makes a [`ProxyService`] of any HTTP client service.
///
/// ```
/// use std::time::Duration;
/// use proxy_service::{HostPolicy, ProxyLayer, Target, Timeouts};
///
/// let target: Target = "http://127.0.0.1:9001".parse()?;
/// let timeouts = Timeouts { response_head: Duration::from_secs(5), ..Timeouts::default() };
/// let layer = ProxyLayer::new(target).timeouts(timeouts).host(HostPolicy::Preserve);
/// # Ok::<(), proxy_service::InvalidTarget>(())
/// ```
#[derive(Clone, Debug)]
pub struct ProxyLayer {
    settings: Settings,
}

impl ProxyLayer {
    /// Forwards to this target, with every default.
    pub fn new(target: Target) -> Self {
        Self { settings: Settings::new(target) }
    }

    /// How long to wait for what.
    #[must_use]
    pub fn timeouts(mut self, timeouts: Timeouts) -> Self {
        self.settings.timeouts = timeouts;
        self
    }

    /// Which `Host` the upstream is sent; the target's own by default.
    #[must_use]
    pub fn host(mut self, policy: HostPolicy) -> Self {
        self.settings.host = policy;
        self
    }

    /// Whose `X-Forwarded-*` headers are kept and added to; nobody's by default.
    #[must_use]
    pub fn trusted_peers(mut self, trusted: TrustedPeers) -> Self {
        self.settings.forwarding.trusted = trusted;
        self
    }

    /// Sends `Forwarded` (RFC 7239) beside `X-Forwarded-*`.
    #[must_use]
    pub fn send_forwarded(mut self) -> Self {
        self.settings.forwarding.with_forwarded = true;
        self
    }

    /// The pseudonym in `Via`; `gateway` by default.
    #[must_use]
    pub fn via(mut self, pseudonym: &Authority) -> Self {
        self.settings.via = Arc::new(Via::new(pseudonym));
        self
    }

    /// Says where the router keeps the URI that the client sent, so that `X-Forwarded-Prefix` can tell the upstream which
    /// prefix the router took off.
    ///
    /// axum takes the prefix off in `nest_service`, and keeps the whole URI in its `OriginalUri`:
    ///
    /// ```
    /// use proxy_service::{ProxyLayer, Target};
    /// # use http::Uri;
    /// # /// As `axum::extract::OriginalUri`.
    /// # struct OriginalUri(Uri);
    ///
    /// let target: Target = "http://127.0.0.1:9001".parse()?;
    /// let layer = ProxyLayer::new(target).original_uri(|OriginalUri(uri): &OriginalUri| uri);
    /// # Ok::<(), proxy_service::InvalidTarget>(())
    /// ```
    ///
    /// The prefix is what the path of that URI has before the request's own path: `/api` if `/api/users` became `/users`.
    /// If nothing was left of the path, it counts as [`RouteOptions::nothing_left`]. There is no prefix if a request lacks
    /// the extension, if its path was replaced by another one, or if [`path::check`](crate::path::check) refuses what was
    /// taken off. A [`RouteOptions::prefix`] has precedence.
    ///
    /// [`RouteOptions::nothing_left`]: crate::RouteOptions::nothing_left
    /// [`RouteOptions::prefix`]: crate::RouteOptions::prefix
    #[must_use]
    pub fn original_uri<E>(mut self, uri: impl Fn(&E) -> &Uri + Send + Sync + 'static) -> Self
    where
        E: Send + Sync + 'static,
    {
        self.settings.original_uri = OriginalUri::from_extension(uri);
        self
    }

    /// The protocols that a client may switch to; `websocket` by default.
    #[must_use]
    pub fn upgrades(mut self, allowed: Upgrades) -> Self {
        self.settings.upgrades = allowed;
        self
    }

    /// Lets a request go elsewhere though its body was begun, if its upstream has done nothing about it; by default it only goes
    /// once more to the same one.
    ///
    /// HTTP/2 says so (RFC 9113 §8.7), and up to 64 KiB of the body are kept until then. [`Failed`](crate::Failed) then holds
    /// the request with the rest of its body, and what was taken from it in an extension that only a [`ProxyService`]
    /// reads which has this option as well. So set it on all of them, and hand such requests to nothing else: anything else
    /// would send a body without its beginning.
    #[must_use]
    pub fn pass_on_begun_bodies(mut self) -> Self {
        self.settings.begun_bodies = BegunBodies::GoElsewhere;
        self
    }

    /// Where tunnels are counted and closed, shared by all services that are given the same handle.
    #[must_use]
    pub fn tunnels(mut self, tunnels: Tunnels) -> Self {
        self.settings.tunnels = tunnels;
        self
    }
}

impl<C> Layer<C> for ProxyLayer {
    type Service = ProxyService<C>;

    fn layer(&self, client: C) -> ProxyService<C> {
        ProxyService::with(client, self.settings.with_own_endpoint())
    }
}
