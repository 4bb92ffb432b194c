//! `Guards`: those of a configuration's routes. What they know lives on while what they were made from stays the same.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::basic::{BasicAuth, Hashing};
use super::forward::ForwardAuth;
use super::guard::Guard;
#[cfg(feature = "jwt")]
use super::issuers::Issuers;
#[cfg(feature = "jwt")]
use super::jwt::{JwtAuth, Unverified};
#[cfg(feature = "jwt")]
use crate::background::Ground;
use crate::config::{self, Config, Route, Satisfy};

/// The guards of a configuration's routes that ask for credentials.
#[derive(Debug, Default)]
pub(crate) struct Guards {
    by_route: BTreeMap<String, Standing>,
    /// All of them check passwords on the same threads.
    hashing: Hashing,
    #[cfg(feature = "jwt")]
    issuers: Issuers,
}

/// Those of one route.
#[derive(Debug)]
pub(super) struct Standing {
    basic: Option<Made<config::BasicAuth, BasicAuth>>,
    #[cfg(feature = "jwt")]
    jwt: Option<Made<config::Jwt, JwtAuth>>,
    forward: Option<Made<config::ForwardAuth, ForwardAuth>>,
}

/// A guard, and what it was made from.
#[derive(Debug)]
struct Made<S, G> {
    of: S,
    guard: Arc<G>,
}

impl Guards {
    /// Makes the guards. Those of `before` are taken over where route and settings are the same.
    pub(crate) fn of(config: &Config, before: &Self) -> Self {
        let mut guards = Self {
            by_route: BTreeMap::new(),
            hashing: before.hashing.clone(),
            #[cfg(feature = "jwt")]
            issuers: Issuers::of(config, &before.issuers),
        };
        for route in &config.routes {
            if let Some(standing) = guards.standing(route, before.by_route.get(&route.name)) {
                guards.by_route.insert(route.name.clone(), standing);
            }
        }
        guards
    }

    /// `None` if the route asks for nothing: there may be thousands of those.
    fn standing(&self, route: &Route, before: Option<&Standing>) -> Option<Standing> {
        let entry = &route.entry;
        let standing = Standing {
            basic: Made::of(
                entry.basic_auth.as_ref(),
                before.and_then(|before| before.basic.as_ref()),
                |basic| passwords(basic, self.hashing.clone()),
            ),
            #[cfg(feature = "jwt")]
            jwt: Made::of(entry.jwt.as_deref(), before.and_then(|before| before.jwt.as_ref()), |jwt| {
                JwtAuth::with_keys(jwt, self.issuers.keys(&jwt.keys))
            }),
            forward: Made::of(
                entry.forward_auth.as_deref(),
                before.and_then(|before| before.forward.as_ref()),
                ForwardAuth::new,
            ),
        };
        // Of several of which one is enough, another may be the address.
        let is_needed =
            entry.satisfy == Satisfy::Any || standing.knowing().chain(standing.asking()).next().is_some();
        is_needed.then_some(standing)
    }

    pub(super) fn of_route(&self, name: &str) -> Option<&Standing> {
        self.by_route.get(name)
    }

    /// Starts to fetch the keys for tokens that aren't fetched yet.
    #[cfg(feature = "jwt")]
    pub(crate) fn start_tasks(&self, ground: &Ground) {
        self.issuers.start_tasks(ground);
    }
}

impl Standing {
    /// Those that know by themselves whom to let in, in the order in which a request has to pass them.
    pub(super) fn knowing(&self) -> impl Iterator<Item = Arc<dyn Guard>> {
        #[cfg(feature = "jwt")]
        let jwt = self.jwt.as_ref().map(Made::shared);
        #[cfg(not(feature = "jwt"))]
        let jwt = None;
        jwt.into_iter().chain(self.basic.as_ref().map(Made::shared))
    }

    /// The same, but any token is valid whose keys would have to be fetched.
    pub(super) fn rehearsed(&self) -> impl Iterator<Item = Arc<dyn Guard>> {
        #[cfg(feature = "jwt")]
        let jwt = self.jwt.as_ref().map(|made| -> Arc<dyn Guard> {
            match made.of.keys {
                config::JwtKeys::File(_) => made.shared(),
                config::JwtKeys::Url { .. } => Arc::new(Unverified::new(&made.of)),
            }
        });
        #[cfg(not(feature = "jwt"))]
        let jwt = None;
        jwt.into_iter().chain(self.basic.as_ref().map(Made::shared))
    }

    /// The one that asks another service, behind all others.
    pub(super) fn asking(&self) -> Option<Arc<dyn Guard>> {
        self.forward.as_ref().map(Made::shared)
    }
}

impl<S: Clone + PartialEq, G: Guard> Made<S, G> {
    /// The one of before, if it was made from the same.
    fn of(wanted: Option<&S>, before: Option<&Self>, make: impl FnOnce(&S) -> G) -> Option<Self> {
        let wanted = wanted?;
        let same = before.filter(|before| before.of == *wanted);
        let guard = same.map_or_else(|| Arc::new(make(wanted)), |same| Arc::clone(&same.guard));
        Some(Self { of: wanted.clone(), guard })
    }

    fn shared(&self) -> Arc<dyn Guard> {
        Arc::<G>::clone(&self.guard)
    }
}

fn passwords(settings: &config::BasicAuth, hashing: Hashing) -> BasicAuth {
    let guard = BasicAuth::new(settings.users.clone()).on(hashing).realm(&settings.realm);
    let guard = if settings.forward { guard.forward() } else { guard };
    match &settings.header {
        Some(header) => guard.tell_in(header.clone()),
        None => guard,
    }
}
