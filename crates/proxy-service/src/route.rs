//! The options of a route, for requests of several routes that go to the same upstream.

mod read;

use std::sync::Arc;
use std::time::Duration;

use http::request::Parts;
use http::uri::PathAndQuery;
use http::{HeaderName, HeaderValue};

use crate::headers::forwarded::{ForwardedHeaders, names};
use crate::headers::host::HostPolicy;
use crate::inbound::Checked;
use crate::mapped_back::MapBack;
use crate::tunnel::Tunnels;
use crate::upgrade::Upgrades;

/// How the requests of one route are treated. A router puts it into the extensions of each request, as
/// `Arc<RouteOptions>`.
///
/// ```
/// use std::sync::Arc;
/// use proxy_service::RouteOptions;
///
/// let options = Arc::new(RouteOptions::new().prefix("/api".parse()?).max_body(1024 * 1024));   // once
/// let mut request = http::Request::new(());
/// request.extensions_mut().insert(Arc::clone(&options));                                       // for each request
/// # Ok::<(), http::header::InvalidHeaderValue>(())
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct RouteOptions {
    prefix: Option<HeaderValue>,
    put_before: Option<PathAndQuery>,
    map_back: Option<MapBack>,
    forwarded_headers: Option<ForwardedHeaders>,
    own_claims: Vec<HeaderName>,
    max_body: Option<u64>,
    host: Option<HostPolicy>,
    upgrades: Option<Upgrades>,
    remainder: Remainder,
    tunnels: Option<Tunnels>,
    checked: Checked,
    waits: Waits,
}

/// The time limits that a route has of its own.
#[derive(Clone, Copy, Debug, Default)]
struct Waits {
    response_head: Option<Duration>,
    body_idle: Option<Duration>,
    tunnel_idle: Option<Duration>,
}

/// What is left of a path after the router took a prefix off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Remainder {
    /// The path of the request.
    #[default]
    Path,
    /// Nothing. The path of the request is then `/`, since it can't be empty.
    Nothing,
}

impl RouteOptions {
    const NONE: Self = Self {
        prefix: None,
        put_before: None,
        map_back: None,
        forwarded_headers: None,
        own_claims: Vec::new(),
        max_body: None,
        host: None,
        upgrades: None,
        remainder: Remainder::Path,
        tunnels: None,
        checked: Checked::NotYet,
        waits: Waits { response_head: None, body_idle: None, tunnel_idle: None },
    };

    /// No options: the layer's apply, and the body may have any length.
    pub fn new() -> Self {
        Self::NONE
    }

    /// The prefix that the router took off the path, for `X-Forwarded-Prefix`. Default: none.
    #[must_use]
    pub fn prefix(mut self, prefix: HeaderValue) -> Self {
        self.prefix = Some(prefix);
        self
    }

    /// Says that the prefix was the whole path. Default: it was not.
    ///
    /// A [`Uri`](http::Uri) shows an empty path as `/`. With this option that slash is not added to the target's base
    /// path: `/docs` arrives at `http://app/docs` as `/docs` and not as `/docs/`. It applies only to requests whose
    /// path is `/`.
    #[must_use]
    pub fn nothing_left(mut self) -> Self {
        self.remainder = Remainder::Nothing;
        self
    }

    /// What a layer in front has put before the path, so that references in answers can be mapped back
    /// ([`MapBack`](crate::MapBack)). The path of the request has it already. Default: nothing.
    ///
    /// A slash at its end is left out, and so is a query.
    #[must_use]
    pub fn put_before(mut self, path: PathAndQuery) -> Self {
        self.put_before = Some(path);
        self
    }

    /// Which references in answers are mapped back. Default: what [`ProxyLayer::map_back`](crate::ProxyLayer::map_back)
    /// says.
    #[must_use]
    pub fn map_back(mut self, which: MapBack) -> Self {
        self.map_back = Some(which);
        self
    }

    /// In which headers the upstream is told who the client is. Default: what
    /// [`ProxyLayer::forwarded_headers`](crate::ProxyLayer::forwarded_headers) says.
    #[must_use]
    pub fn forwarded_headers(mut self, which: ForwardedHeaders) -> Self {
        self.forwarded_headers = Some(which);
        self
    }

    /// Headers that a layer in front sets on every request of this route, so that what they say isn't a claim of the
    /// client: `X-Real-IP`, `X-Forwarded-Port` and the like pass on as they are. Default: none.
    ///
    /// It has no effect on the headers that the proxy sets itself.
    #[must_use]
    pub fn own_claims(mut self, names: impl IntoIterator<Item = HeaderName>) -> Self {
        self.own_claims = names.into_iter().filter(|name| !names::ALL.contains(&name.as_str())).collect();
        self
    }

    /// The longest request body, in bytes. A longer one is refused with 413. Default: no limit.
    #[must_use]
    pub fn max_body(mut self, bytes: u64) -> Self {
        self.max_body = Some(bytes);
        self
    }

    /// The `Host` that the upstream is sent. Default: what [`ProxyLayer::host`](crate::ProxyLayer::host) says.
    #[must_use]
    pub fn host(mut self, policy: HostPolicy) -> Self {
        self.host = Some(policy);
        self
    }

    /// The protocols that a client may switch to. Default: what [`ProxyLayer::upgrades`](crate::ProxyLayer::upgrades)
    /// says.
    #[must_use]
    pub fn upgrades(mut self, allowed: Upgrades) -> Self {
        self.upgrades = Some(allowed);
        self
    }

    /// How long to wait for the head of the response, in place of what [`Timeouts::response_head`](crate::Timeouts::response_head) of the layer says.
    /// [`Duration::MAX`] is no limit.
    #[must_use]
    pub fn response_head(mut self, time: Duration) -> Self {
        self.waits.response_head = Some(time);
        self
    }

    /// How long a body may stall, in place of what [`Timeouts::body_idle`](crate::Timeouts::body_idle) of the layer says. [`Duration::MAX`] is no
    /// limit.
    #[must_use]
    pub fn body_idle(mut self, time: Duration) -> Self {
        self.waits.body_idle = Some(time);
        self
    }

    /// How long a tunnel may carry no byte, in place of what [`Timeouts::tunnel_idle`](crate::Timeouts::tunnel_idle) of the layer says.
    /// [`Duration::MAX`] is no limit.
    #[must_use]
    pub fn tunnel_idle(mut self, time: Duration) -> Self {
        self.waits.tunnel_idle = Some(time);
        self
    }

    /// The handle that counts and ends the tunnels of this route, for example when it is removed. They count at
    /// [`ProxyLayer::tunnels`](crate::ProxyLayer::tunnels) too, and end with those. Default: none.
    #[must_use]
    pub fn tunnels(mut self, tunnels: Tunnels) -> Self {
        self.tunnels = Some(tunnels);
        self
    }

    /// Says that the requests of this route have passed [`check`](crate::check) in a layer in front, so that it isn't done
    /// once more. Default: each request is checked.
    ///
    /// Between that layer and the proxy, nothing may change a request's method, host, framing or path, except that a
    /// router takes whole segments off the path.
    #[must_use]
    pub fn checked(mut self) -> Self {
        self.checked = Checked::Before;
        self
    }

    /// The options of a request's route. If the router gave none, they are empty.
    pub(crate) fn of(parts: &Parts) -> &Self {
        static NONE: RouteOptions = RouteOptions::NONE;
        parts.extensions.get::<Arc<Self>>().map_or(&NONE, |options| &**options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timeouts::Timeouts;

    #[test]
    fn a_routes_times_replace_the_layers() {
        let (layer, own) = (Timeouts::default(), Duration::from_millis(1));
        assert_eq!(RouteOptions::new().timeouts_over(layer), layer);
        let head = RouteOptions::new().response_head(own).timeouts_over(layer);
        assert_eq!(head, Timeouts { response_head: own, ..layer });
        let body = RouteOptions::new().body_idle(Duration::MAX).timeouts_over(layer);
        assert_eq!(body, Timeouts { body_idle: Duration::MAX, ..layer });
        let tunnel = RouteOptions::new().tunnel_idle(own).timeouts_over(layer);
        assert_eq!(tunnel, Timeouts { tunnel_idle: own, ..layer });
    }
}
