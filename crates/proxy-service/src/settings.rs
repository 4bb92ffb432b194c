//! The options of a `ProxyService`, as its requests read them.

use std::fmt;
use std::sync::Arc;

use crate::client::Endpoint;
use crate::headers::forwarded::Forwarding;
use crate::headers::host::HostPolicy;
use crate::headers::via::Via;
use crate::mapped_back::MapBack;
use crate::no_peer::NoPeer;
use crate::prefix::OriginalUri;
use crate::target::Target;
use crate::timeouts::Timeouts;
use crate::tunnel::Tunnels;
use crate::upgrade::Upgrades;

/// The options for one upstream. They never change, and all its requests share them.
#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) endpoint: Arc<Endpoint>,
    pub(crate) timeouts: Timeouts,
    pub(crate) host: HostPolicy,
    pub(crate) forwarding: Forwarding,
    pub(crate) map_back: MapBack,
    pub(crate) via: Arc<Via>,
    pub(crate) original_uri: OriginalUri,
    pub(crate) no_peer: Arc<NoPeer>,
    pub(crate) upgrades: Upgrades,
    pub(crate) tunnels: Tunnels,
    pub(crate) begun_bodies: BegunBodies,
}

/// Where a request may go if some of its body was sent, but the upstream did not process it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BegunBodies {
    /// To the same upstream, once more.
    StayHere,
    GoElsewhere,
}

impl Settings {
    /// The default of every option.
    pub(crate) fn new(target: Target) -> Self {
        Self {
            endpoint: Arc::new(Endpoint::new(Arc::new(target))),
            timeouts: Timeouts::default(),
            host: HostPolicy::default(),
            forwarding: Forwarding::default(),
            map_back: MapBack::default(),
            via: Via::gateway(),
            original_uri: OriginalUri::default(),
            no_peer: Arc::default(),
            upgrades: Upgrades::default(),
            tunnels: Tunnels::default(),
            begun_bodies: BegunBodies::StayHere,
        }
    }

    /// The same options for another service, which has its own connections.
    pub(crate) fn with_own_endpoint(&self) -> Self {
        Self { endpoint: Arc::new(Endpoint::new(Arc::clone(self.target()))), ..self.clone() }
    }

    pub(crate) fn target(&self) -> &Arc<Target> {
        self.endpoint.target()
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("target", self.target())
            .field("timeouts", &self.timeouts)
            .finish_non_exhaustive()
    }
}
