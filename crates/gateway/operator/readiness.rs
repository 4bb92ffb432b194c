//! Whether clients may be sent to the gateway, and if not, why.

use std::collections::{BTreeSet, HashSet};

use crate::config::{Config, Pool, ReadyPools};
use crate::live::Handle;
use crate::pools::NamedPool;

/// Why no clients should be sent here. Empty if they may come.
pub(super) fn obstacles(handle: &Handle) -> Vec<String> {
    let scene = handle.scene();
    let mut obstacles = Vec::new();
    if handle.shutdown().is_announced() {
        obstacles.push("shutting down".to_owned());
    }
    if scene.is_serving {
        obstacles.extend(without_endpoints(&scene.config, &handle.pools()));
    } else {
        obstacles.push("starting: upstreams are looked for".to_owned());
    }
    obstacles
}

/// What `[admin] ready` asks for, of the pools that routes forward to. One that has a usable fallback on every route isn't
/// missed, and neither is a mirror.
fn without_endpoints(config: &Config, pools: &[NamedPool]) -> Vec<String> {
    let usable: HashSet<&str> = pools.iter().filter(|pool| pool.is_usable()).map(NamedPool::name).collect();
    let is_usable = |pool: &Pool| usable.contains(pool.name.as_str());
    let (mut needed, mut unusable) = (BTreeSet::new(), BTreeSet::new());
    for route in &config.routes {
        let (answering, fallback) = config.answering_pools(route);
        let is_covered = fallback.is_some_and(is_usable);
        needed.extend(answering.iter().map(|pool| pool.name.as_str()));
        let missing = answering.iter().filter(|pool| !is_covered && !is_usable(pool));
        unusable.extend(missing.map(|pool| pool.name.as_str()));
    }
    match config.admin.as_ref().map(|admin| admin.ready).unwrap_or_default() {
        ReadyPools::All => {
            unusable.iter().map(|name| format!("pool {name}: no endpoint takes requests")).collect()
        }
        ReadyPools::Any if !needed.is_empty() && unusable.len() == needed.len() => {
            vec!["no pool has an endpoint that takes requests".to_owned()]
        }
        ReadyPools::Any | ReadyPools::None => Vec::new(),
    }
}
