//! A source: where the endpoints of one upstream are looked up, again and again.

use std::time::Duration;

use super::file::Endpoints;
use super::found::Found;
use super::looked::Looked;
#[cfg(feature = "dns")]
use super::names::Names;
use super::news::News;
use super::pace::{Asked, Pace};
#[cfg(feature = "dns")]
use super::resolver::Resolver;
#[cfg(feature = "dns")]
use super::services::Services;
use crate::config::{Dns, Location};

/// Makes sources. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Sources {
    #[cfg(feature = "dns")]
    resolver: Resolver,
}

impl Sources {
    /// Sources that look names up as `dns` says.
    #[cfg_attr(
        not(feature = "dns"),
        expect(unused_variables, reason = "no name is looked up without the feature")
    )]
    pub(crate) fn new(dns: &Dns) -> Self {
        Self {
            #[cfg(feature = "dns")]
            resolver: Resolver::new(dns),
        }
    }

    /// Looks names up as `dns` says from now on, in the sources that there are as well.
    #[cfg_attr(
        not(feature = "dns"),
        expect(unused_variables, reason = "no name is looked up without the feature")
    )]
    pub(crate) fn look_up_by(&self, dns: &Dns) {
        #[cfg(feature = "dns")]
        self.resolver.ask_instead(dns);
    }

    /// The source of an upstream, which looks again at once when it is asked to. `None` if the upstream is one endpoint,
    /// and stays it.
    pub(crate) fn of(&self, location: &Location, asked: &Asked) -> Option<Source> {
        let kind = match location {
            #[cfg(feature = "dns")]
            Location::Name(target) => Kind::Names(Names::of(target.clone(), self.resolver.clone())),
            #[cfg(feature = "dns")]
            Location::Service(target) => Kind::Services(Services::of(target.clone(), self.resolver.clone())),
            Location::File(path) => Kind::File(Endpoints::of(path.clone())),
            _ => return None,
        };
        Some(Source { kind, pace: Pace::new(asked.clone()), news: News::of(location), ttl: None })
    }
}

/// Where the endpoints of one upstream are looked up.
#[derive(Debug)]
pub(crate) struct Source {
    kind: Kind,
    pace: Pace,
    news: News,
    ttl: Option<Duration>,
}

#[derive(Debug)]
enum Kind {
    #[cfg(feature = "dns")]
    Names(Names),
    #[cfg(feature = "dns")]
    Services(Services),
    File(Endpoints),
}

impl Source {
    /// Looks. Returns the endpoints that the upstream has as far as is known then; `None` if none were ever found.
    pub(crate) async fn look(&mut self) -> Option<Vec<Found>> {
        self.pace.begin();
        let Looked { ttl, trouble } = self.kind.look_up().await;
        self.ttl = ttl;
        let found = self.kind.found();
        self.news.tell(found.as_deref(), trouble);
        found
    }

    /// Waits until it is time to look again.
    pub(crate) async fn due(&mut self) {
        match &mut self.kind {
            Kind::File(file) => file.changed().await,
            #[cfg(feature = "dns")]
            Kind::Names(_) | Kind::Services(_) => self.pace.wait(self.ttl).await,
        }
    }
}

impl Kind {
    async fn look_up(&mut self) -> Looked {
        match self {
            #[cfg(feature = "dns")]
            Self::Names(names) => names.look_up().await,
            #[cfg(feature = "dns")]
            Self::Services(services) => services.look_up().await,
            Self::File(file) => file.look_up().await,
        }
    }

    fn found(&self) -> Option<Vec<Found>> {
        match self {
            #[cfg(feature = "dns")]
            Self::Names(names) => names.found(),
            #[cfg(feature = "dns")]
            Self::Services(services) => services.found(),
            Self::File(file) => file.found(),
        }
    }
}
