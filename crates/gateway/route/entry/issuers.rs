//! `Issuers`: the keys for tokens that are fetched, each from its URL once for all routes.

use std::sync::{Arc, OnceLock};

use tokio::task::JoinSet;

use super::jwt::Keys;
use crate::background::Ground;
use crate::config::{Config, JwtKeys};

#[derive(Debug, Default)]
pub(super) struct Issuers(Vec<Issuer>);

#[derive(Clone, Debug)]
struct Issuer {
    of: JwtKeys,
    keys: Keys,
    /// Fetches the keys, once the gateway serves. It ends with the last clone of this.
    fetching: Arc<OnceLock<JoinSet<()>>>,
}

impl Issuers {
    /// Those of a configuration. Those of `before` are taken over where they are the same.
    pub(super) fn of(config: &Config, before: &Self) -> Self {
        let mut all = Self::default();
        for jwt in config.routes.iter().filter_map(|route| route.entry.jwt.as_ref()) {
            if matches!(jwt.keys, JwtKeys::Url { .. }) && all.find(&jwt.keys).is_none() {
                all.0.push(before.find(&jwt.keys).cloned().unwrap_or_else(|| Issuer::new(&jwt.keys)));
            }
        }
        all
    }

    pub(super) fn keys(&self, of: &JwtKeys) -> Keys {
        self.find(of).map_or_else(|| Keys::of(of), |issuer| issuer.keys.clone())
    }

    /// Starts to fetch what isn't fetched yet.
    pub(super) fn start_tasks(&self, ground: &Ground) {
        for Issuer { keys, fetching, .. } in &self.0 {
            fetching.get_or_init(|| {
                let (mut running, keys) = (JoinSet::new(), keys.clone());
                ground.run_in(&mut running, async move { keys.fetch().await });
                running
            });
        }
    }

    fn find(&self, of: &JwtKeys) -> Option<&Issuer> {
        self.0.iter().find(|issuer| issuer.of == *of)
    }
}

impl Issuer {
    fn new(of: &JwtKeys) -> Self {
        Self { of: of.clone(), keys: Keys::of(of), fetching: Arc::default() }
    }
}
