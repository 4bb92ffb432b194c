//! `ProxyLayer`: the options of a `ProxyService`, all decided before the first request.

use std::sync::Arc;

use http::uri::{Authority, Uri};
use tower_layer::Layer;

use crate::headers::forwarded::{ForwardedHeaders, TrustedPeers};
use crate::headers::host::HostPolicy;
use crate::headers::via::Via;
use crate::mapped_back::MapBack;
use crate::no_peer::NoPeer;
use crate::prefix::OriginalUri;
use crate::service::ProxyService;
use crate::settings::{BegunBodies, Settings};
use crate::target::Target;
use crate::timeouts::Timeouts;
use crate::tunnel::Tunnels;
use crate::upgrade::Upgrades;

/// Makes a [`ProxyService`] out of an HTTP client service. It has all the options; each has a default.
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
    /// Forwards to `target`, with the default of every option.
    pub fn new(target: Target) -> Self {
        Self { settings: Settings::new(target) }
    }

    /// How long to wait for the upstream and for bodies. The defaults are in [`Timeouts`].
    #[must_use]
    pub fn timeouts(mut self, timeouts: Timeouts) -> Self {
        self.settings.timeouts = timeouts;
        self
    }

    /// Which `Host` the upstream is sent. Default: the target's own, [`HostPolicy::Target`].
    #[must_use]
    pub fn host(mut self, policy: HostPolicy) -> Self {
        self.settings.host = policy;
        self
    }

    /// Which peers are proxies of yours: their `X-Forwarded-*` headers are kept and added to. Default: none, so that
    /// these headers are dropped.
    #[must_use]
    pub fn trusted_peers(mut self, trusted: TrustedPeers) -> Self {
        self.settings.forwarding.trusted = trusted;
        self
    }

    /// The requests are the program's own, such as probes. So they have no [`Peer`](crate::Peer), and no warning says it.
    /// What answers refer to stays as the upstream says it: the program asked for the target itself.
    #[must_use]
    pub fn own_requests(mut self) -> Self {
        self.settings.no_peer = Arc::new(NoPeer::meant());
        self.settings.map_back = MapBack::NOTHING;
        self
    }

    /// In which headers the upstream is told who the client is. Default: [`ForwardedHeaders::XForwarded`].
    ///
    /// `X-Forwarded-Prefix` is sent in any case: `Forwarded` has no word for it.
    #[must_use]
    pub fn forwarded_headers(mut self, which: ForwardedHeaders) -> Self {
        self.settings.forwarding.headers = which;
        self
    }

    /// Which references in answers are mapped back to what the client asked for. Default: those that name the target,
    /// [`References::Target`](crate::References::Target) of both. [`RouteOptions::map_back`](crate::RouteOptions::map_back) has precedence.
    #[must_use]
    pub fn map_back(mut self, which: MapBack) -> Self {
        self.settings.map_back = which;
        self
    }

    /// The name of this proxy in `Via` (RFC 9110 §7.6.3). Default: `gateway`.
    #[must_use]
    pub fn via(mut self, pseudonym: &Authority) -> Self {
        self.settings.via = Arc::new(Via::new(pseudonym));
        self
    }

    /// Says where the router keeps the URI that the client sent, so that `X-Forwarded-Prefix` can tell the upstream
    /// which prefix the router took off. Default: not known.
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
    /// The prefix is what the path of that URI has before the request's own path: `/api` if `/api/users` became
    /// `/users`. If nothing was left of the path, that counts as [`RouteOptions::nothing_left`].
    ///
    /// There is no prefix if a request lacks the extension, if its path was replaced by another one, or if what was
    /// taken off is not a path that may be forwarded ([`path::check`](crate::path::check)). [`RouteOptions::prefix`]
    /// has precedence.
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

    /// The protocols that a client may switch to (RFC 9110 §7.8). Default: `websocket` alone.
    #[must_use]
    pub fn upgrades(mut self, allowed: Upgrades) -> Self {
        self.settings.upgrades = allowed;
        self
    }

    /// Lets a request go to another upstream although some of its body was sent, if the first upstream has not
    /// processed it. Default: it is sent once more to the same upstream only.
    ///
    /// Only HTTP/2 can say that a request was not processed (RFC 9113 §8.7). Up to 64 KiB of the body are kept until
    /// the answer begins. [`Failed`](crate::Failed) then holds the request with the rest of its body; the kept
    /// beginning is in an extension of the request.
    ///
    /// Only a [`ProxyService`] with this option reads that extension. So set the option on all services between which
    /// requests move, and give such requests to nothing else: anything else would send a body without its beginning.
    #[must_use]
    pub fn pass_on_begun_bodies(mut self) -> Self {
        self.settings.begun_bodies = BegunBodies::GoElsewhere;
        self
    }

    /// The handle that counts and closes tunnels. Services with the same handle share the count. Default: one
    /// handle for all services of this layer.
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
