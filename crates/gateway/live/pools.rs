//! The pools that run, each with its background tasks. A pool whose configuration stays the same stays as it is.

use std::collections::{BTreeMap, BTreeSet};

use proxy_service::{ProxyLayer, Target, Tunnels};
use tokio::task::JoinSet;

use crate::background::Ground;
use crate::config::{self, Config, Limits};
use crate::discovery::{Latest, Sources};
use crate::pools::Pool;

/// The pools of a configuration, by their names.
#[derive(Debug, Default)]
pub(super) struct Pools {
    by_name: BTreeMap<String, Running>,
    /// Sources of the program's own, by the names of their pools.
    own: BTreeMap<String, Latest>,
}

#[derive(Debug)]
struct Running {
    config: config::Pool,
    pool: Pool,
    /// Its tasks, once the gateway serves. They end with this.
    tasks: Option<JoinSet<()>>,
}

/// The pools that a new configuration asks for.
#[derive(Debug, Default)]
pub(super) struct Next {
    /// Those that aren't as they were.
    made: BTreeMap<String, Running>,
}

impl Pools {
    /// Makes the pools of `config` that these don't have. Nothing is changed yet.
    pub(super) fn prepare(
        &self,
        config: &Config,
        limits_before: &Limits,
        tunnels: &Tunnels,
        sources: &Sources,
    ) -> Next {
        let is_same = |pool: &config::Pool| {
            let answers = |limits: &Limits| (limits.response_section, limits.response_fields);
            let before = self.by_name.get(&pool.name);
            before.is_some_and(|running| running.config == *pool)
                && answers(limits_before) == answers(&config.limits)
        };
        let made = config.pools.iter().filter(|pool| !is_same(pool)).map(|pool| {
            let proxy = proxy_for(tunnels.clone());
            let made = Running {
                config: pool.clone(),
                pool: Pool::new(pool, &config.limits, sources.clone(), proxy),
                tasks: None,
            };
            (pool.name.clone(), made)
        });
        Next { made: made.collect() }
    }

    /// Puts what was prepared into place, and lets go of the pools that `config` doesn't have.
    pub(super) fn commit(&mut self, next: Next, config: &Config) {
        let names: BTreeSet<&str> = config.pools.iter().map(|pool| pool.name.as_str()).collect();
        self.by_name.retain(|name, _| names.contains(name.as_str()));
        self.by_name.extend(next.made);
    }

    /// Starts the tasks that don't run yet.
    pub(super) fn start_tasks(&mut self, ground: &Ground) {
        for running in self.by_name.values_mut().filter(|running| running.tasks.is_none()) {
            let mut background = running.pool.background(&running.config);
            if let Some(source) = self.own.get(&running.config.name) {
                background.add(running.pool.take_from(source.clone()));
            }
            running.tasks = Some(ground.run(background));
        }
    }

    /// Takes the upstreams of a pool from a source of the program's own, in this generation and all that follow.
    ///
    /// # Panics
    /// If there is no such pool.
    pub(super) fn take_from(&mut self, source: Latest, pool: &str) {
        assert!(self.by_name.contains_key(pool), "there is no pool {pool}");
        self.own.insert(pool.to_owned(), source);
    }

    /// Looks for the upstreams that have to be looked up, before any request. Takes no longer than 5 s.
    pub(super) async fn find(&self) {
        find(self.by_name.values()).await;
    }

    /// The pools of `config`, in its order, as they will be.
    pub(super) fn after<'a>(&'a self, next: &'a Next, config: &Config) -> Vec<(&'a config::Pool, &'a Pool)> {
        let find = |name: &str| next.made.get(name).or_else(|| self.by_name.get(name));
        let running = config.pools.iter().filter_map(|pool| find(&pool.name));
        running.map(|running| (&running.config, &running.pool)).collect()
    }
}

impl Next {
    /// As [`Pools::find`].
    pub(super) async fn find(&self) {
        find(self.made.values()).await;
    }
}

async fn find(pools: impl Iterator<Item = &Running>) {
    let mut finding: JoinSet<()> = pools.map(|running| running.pool.find()).collect();
    while finding.join_next().await.is_some() {}
}

/// The proxy layer for an upstream, with the settings that all pools have in common.
fn proxy_for(tunnels: Tunnels) -> impl Fn(Target) -> ProxyLayer + Send + Sync + 'static {
    move |target| ProxyLayer::new(target).tunnels(tunnels.clone()).pass_on_begun_bodies()
}
