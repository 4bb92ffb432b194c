//! What a route changes of a request's target.

use proxy_service::HostPolicy;

/// What a route changes of a request's target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rewrite {
    /// Which `Host` is sent to the upstream. Default: [`HostPolicy::Target`].
    pub host: HostPolicy,
}
