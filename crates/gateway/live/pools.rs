//! The pools that run, each with its background tasks. What another configuration leaves as it was is kept.

use std::collections::{BTreeMap, HashMap, HashSet};

use proxy_service::{ProxyLayer, Target, Tunnels};
use tokio::task::JoinSet;

use crate::background::Ground;
use crate::config::{self, Config};
use crate::discovery::{Latest, Sources};
use crate::pools::{Differences, Listed, Pool, Wanted};

/// The pools of a configuration, by their names.
#[derive(Debug, Default)]
pub(super) struct Pools {
    by_name: BTreeMap<String, Running>,
    /// Sources of the program's own, by the names of their pools.
    own: BTreeMap<String, Latest>,
}

#[derive(Debug)]
struct Running {
    pool: Pool,
    /// Its tasks, once the gateway serves. They end with this.
    tasks: Option<JoinSet<()>>,
}

/// The pools that another configuration asks for.
#[derive(Debug, Default)]
pub(super) struct Next {
    /// Those that aren't as they were.
    made: BTreeMap<String, Made>,
}

#[derive(Debug)]
struct Made {
    running: Running,
    /// What was made anew. `None` if there was no such pool.
    differences: Option<Differences>,
    /// The upstreams that a pool gets which keeps its endpoints, once they are found.
    listed: Option<Vec<Listed>>,
}

impl Pools {
    /// Makes what `after` has and these don't, which are those of `before`. Nothing is changed yet.
    pub(super) fn prepare(
        &self,
        before: &Config,
        after: &Config,
        tunnels: &Tunnels,
        sources: &Sources,
    ) -> Next {
        let then = by_name(before);
        let made = after.pools.iter().filter_map(|pool| {
            let wanted = Wanted { pool, limits: &after.limits };
            let proxy = proxy_for(tunnels.clone());
            let made = match self.by_name.get(&pool.name).zip(then.get(pool.name.as_str())) {
                None => Made::new(Pool::new(wanted, sources.clone(), proxy)),
                Some((running, then)) => {
                    let then = Wanted { pool: then, limits: &before.limits };
                    let differences = Differences::between(then, wanted)?;
                    let changed = running.pool.changed(differences, wanted, proxy);
                    Made { differences: Some(differences), ..Made::new(changed) }
                }
            };
            if let Some(source) = self.own.get(&pool.name).filter(|_| made.has_new_endpoints()) {
                made.running.pool.take_now(source);
            }
            Some((pool.name.clone(), made))
        });
        Next { made: made.collect() }
    }

    /// An upstream that is made anew is paused if it is paused now.
    pub(super) fn keep_pauses(&self, next: &Next) {
        for (name, made) in next.made.iter().filter(|(_, made)| made.has_new_endpoints()) {
            if let Some(before) = self.by_name.get(name) {
                made.running.pool.pause_as_in(&before.pool);
            }
        }
    }

    /// Puts what was prepared into place, and lets go of the pools that `config` doesn't have. Returns the tunnels of the
    /// upstreams that are gone.
    pub(super) fn commit(&mut self, next: Next, config: &Config) -> Vec<Tunnels> {
        let wanted = by_name(config);
        let gone: Vec<Running> = self
            .by_name
            .extract_if(.., |name, _| !wanted.contains_key(name.as_str()))
            .map(|(_, it)| it)
            .collect();
        let of_all = |running: &Running| running.pool.tunnels();
        let mut left: Vec<Tunnels> = gone.iter().flat_map(of_all).map(|(_, tunnels)| tunnels).collect();
        for (name, Made { mut running, differences, listed }) in next.made {
            let before = self.by_name.remove(&name);
            if let Some((before, differences)) = before.zip(differences) {
                let tunnels = before.pool.tunnels();
                if differences.keep_endpoints()
                    && let Some(pool) = wanted.get(name.as_str())
                {
                    let unknown = || pool.upstreams.iter().map(Listed::of).collect();
                    running.pool.list(listed.unwrap_or_else(unknown));
                }
                left.extend(left_behind(tunnels, &running.pool));
                running.tasks = before.tasks.filter(|_| !differences.tasks);
            }
            self.by_name.insert(name, running);
        }
        left
    }

    /// Starts the tasks that don't run yet.
    pub(super) fn start_tasks(&mut self, config: &Config, ground: &Ground) {
        for pool in &config.pools {
            let running = self.by_name.get_mut(&pool.name);
            let Some(running) = running.filter(|running| running.tasks.is_none()) else { continue };
            let mut background = running.pool.background(pool);
            if let Some(source) = self.own.get(&pool.name) {
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
    pub(super) fn after<'a>(
        &'a self,
        next: &'a Next,
        config: &'a Config,
    ) -> Vec<(&'a config::Pool, &'a Pool)> {
        let find = |name: &str| match next.made.get(name) {
            Some(made) => Some(&made.running),
            None => self.by_name.get(name),
        };
        config.pools.iter().filter_map(|pool| Some((pool, &find(&pool.name)?.pool))).collect()
    }
}

impl Made {
    fn new(pool: Pool) -> Self {
        Self { running: Running { pool, tasks: None }, differences: None, listed: None }
    }

    fn has_new_endpoints(&self) -> bool {
        self.differences.is_none_or(|differences| !differences.keep_endpoints())
    }
}

impl Next {
    /// Looks for the upstreams that aren't known yet. Takes no longer than 5 s.
    pub(super) async fn find(&mut self, config: &Config) {
        let mut finding: JoinSet<Option<(String, Vec<Listed>)>> = JoinSet::new();
        for wanted in &config.pools {
            let Some(made) = self.made.get(&wanted.name) else { continue };
            let pool = &made.running.pool;
            if made.has_new_endpoints() {
                let looking = pool.find();
                finding.spawn(async move {
                    looking.await;
                    None
                });
            } else {
                let (name, looking) = (wanted.name.clone(), pool.look_up(wanted.upstreams.clone()));
                finding.spawn(async move { Some((name, looking.await)) });
            }
        }
        while let Some(found) = finding.join_next().await {
            if let Ok(Some((name, listed))) = found
                && let Some(made) = self.made.get_mut(&name)
            {
                made.listed = Some(listed);
            }
        }
    }
}

async fn find(pools: impl Iterator<Item = &Running>) {
    let mut finding: JoinSet<()> = pools.map(|running| running.pool.find()).collect();
    while finding.join_next().await.is_some() {}
}

fn by_name(config: &Config) -> HashMap<&str, &config::Pool> {
    config.pools.iter().map(|pool| (pool.name.as_str(), pool)).collect()
}

/// The tunnels of the upstreams that a pool had and doesn't have now.
fn left_behind(before: Vec<(Target, Tunnels)>, now: &Pool) -> impl Iterator<Item = Tunnels> {
    let stay: HashSet<Target> = now.tunnels().into_iter().map(|(target, _)| target).collect();
    before.into_iter().filter(move |(target, _)| !stay.contains(target)).map(|(_, tunnels)| tunnels)
}

/// The proxy layer for an upstream, with the settings that all pools have in common. The tunnels of each are a group, so
/// that they can be ended when it is gone.
pub(super) fn proxy_for(tunnels: Tunnels) -> impl Fn(Target) -> ProxyLayer + Send + Sync + 'static {
    move |target| ProxyLayer::new(target).tunnels(tunnels.group()).pass_on_begun_bodies()
}

#[cfg(test)]
mod tests;
