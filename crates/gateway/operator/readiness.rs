//! Whether clients may be sent to the gateway, and if not, why.

use std::collections::BTreeSet;

use crate::config::{Config, ReadyPools};
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

/// What `[admin] ready` asks for, of the pools that routes forward to.
fn without_endpoints(config: &Config, pools: &[NamedPool]) -> Vec<String> {
    let needed: BTreeSet<&str> = config
        .routes
        .iter()
        .flat_map(|route| config.pools_of(route))
        .map(|pool| pool.name.as_str())
        .collect();
    let is_usable = |name: &str| pools.iter().any(|pool| pool.name() == name && pool.is_usable());
    let unusable: Vec<&str> = needed.iter().copied().filter(|name| !is_usable(name)).collect();
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
