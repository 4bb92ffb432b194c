//! A generation that serves nobody and sends nothing: its pools connect to what the caller gives them.

use std::io;
use std::num::NonZeroUsize;
use std::sync::Arc;

use proxy_service::{ByteStream, Target, TrustedPeers, Tunnels};

use super::departed::Stays;
use super::error::ApplyError;
use super::generation::Generation;
use super::mounts::Mounts;
use super::pools::proxy_for;
use super::surface::{Outside, Parts};
use crate::config::{self, Config};
use crate::discovery::Sources;
use crate::edge::Stack;
use crate::gates::Gates;
use crate::pools::{Pool, Wanted};
use crate::route::{Purpose, limits};
use crate::serve::Shutdown;
use crate::table::Table;

/// A generation that no listener leads to, and who takes which request in it.
pub(crate) struct Rehearsal<S> {
    pub(crate) stack: S,
    pub(crate) trusted: TrustedPeers,
    pub(crate) table: Table,
}

/// Connects to an upstream of a pool, without a socket.
pub(crate) type Connect = dyn Fn(&config::Pool, &Target) -> Box<dyn ByteStream> + Send + Sync;

/// Makes the generation of a configuration from the same parts as one that serves, but with connections from `connect`.
/// Nothing runs in the background: no name is looked up, and nobody is probed.
///
/// # Errors
/// [`ApplyError::Token`] if an admin token is malformed.
pub(crate) fn rehearse(
    config: &Config,
    connect: &Arc<Connect>,
) -> Result<Rehearsal<impl Stack + use<>>, ApplyError> {
    let (tunnels, sources) = (Tunnels::default(), Sources::new(&config.dns));
    let pools: Vec<Pool> = config
        .pools
        .iter()
        .map(|pool| {
            let (of, connect) = (pool.clone(), Arc::clone(connect));
            let connect = move |target: &Target| std::future::ready(io::Result::Ok(connect(&of, target)));
            let wanted = Wanted { pool, limits: &config.limits };
            let proxy = proxy_for(tunnels.clone());
            Pool::with(|client| client.connect_by(connect).build(), wanted, sources.clone(), proxy)
        })
        .collect();
    let gates = Gates::of(config, &Gates::default())?;
    let stays = Stays::of(config, &Stays::default(), &tunnels);
    // What is counted is counted for nobody.
    let on_one_thread = Config { workers: NonZeroUsize::MIN, ..config.clone() };
    let outside = Outside::of(&Arc::new(on_one_thread), &gates, (tunnels, Shutdown::new()));
    let parts = Parts {
        config,
        pools: config.pools.iter().zip(&pools).collect(),
        gates: &gates,
        stays: &stays,
        limits: &limits::Kept::default(),
        mounts: &Mounts::default(),
        outside: &outside,
        purpose: Purpose::Rehearsing,
        queue: None,
    };
    let surface = parts.surface();
    let table = surface.table().clone();
    let Generation { stack, trusted } = surface.into_generation();
    Ok(Rehearsal { stack, trusted, table })
}
