//! The pools that run, each with its background tasks. What another configuration leaves as it was is kept.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use proxy_service::{ProxyLayer, Target, Tunnels};
use tokio::task::JoinSet;

use crate::background::Ground;
use crate::config::{self, Config, Limits};
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
    config: config::Pool,
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
    /// Makes what `config` has and these don't. Nothing is changed yet.
    pub(super) fn prepare(
        &self,
        config: &Config,
        limits_before: &Limits,
        tunnels: &Tunnels,
        sources: &Sources,
    ) -> Next {
        let made = config.pools.iter().filter_map(|pool| {
            let wanted = Wanted { pool, limits: &config.limits };
            let made = match self.by_name.get(&pool.name) {
                None => {
                    let new = Pool::new(wanted, sources.clone(), proxy_for(tunnels.clone()));
                    Made { running: Running::of(new, pool), differences: None, listed: None }
                }
                Some(before) => {
                    let then = Wanted { pool: &before.config, limits: limits_before };
                    let differences = Differences::between(then, wanted)?;
                    let changed = before.pool.changed(differences, wanted, proxy_for(tunnels.clone()));
                    let running = Running::of(changed, pool);
                    Made { running, differences: Some(differences), listed: None }
                }
            };
            Some((pool.name.clone(), made))
        });
        Next { made: made.collect() }
    }

    /// An upstream that is made anew is paused if it is paused now.
    pub(super) fn keep_pauses(&self, next: &Next) {
        for (name, Made { running, differences, .. }) in &next.made {
            if differences.is_some_and(|differences| !differences.keep_endpoints())
                && let Some(before) = self.by_name.get(name)
            {
                running.pool.pause_as_in(&before.pool);
            }
        }
    }

    /// Puts what was prepared into place, and lets go of the pools that `config` doesn't have. Returns the tunnels of the
    /// upstreams that are gone.
    pub(super) fn commit(&mut self, next: Next, config: &Config) -> Vec<Tunnels> {
        let names: BTreeSet<&str> = config.pools.iter().map(|pool| pool.name.as_str()).collect();
        let all = std::mem::take(&mut self.by_name).into_iter();
        let (staying, gone): (BTreeMap<_, _>, Vec<_>) = {
            let (staying, gone): (Vec<_>, Vec<_>) = all.partition(|(name, _)| names.contains(name.as_str()));
            (staying.into_iter().collect(), gone)
        };
        self.by_name = staying;
        let of_all = |(_, running): &(String, Running)| running.pool.tunnels();
        let mut left: Vec<Tunnels> = gone.iter().flat_map(of_all).map(|(_, tunnels)| tunnels).collect();
        for (name, Made { mut running, differences, listed }) in next.made {
            let before = self.by_name.remove(&name);
            if let Some((before, differences)) = before.zip(differences) {
                let tunnels = before.pool.tunnels();
                if differences.keep_endpoints() {
                    let unknown = || running.config.upstreams.iter().map(Listed::of).collect();
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
        let find = |name: &str| match next.made.get(name) {
            Some(made) => Some(&made.running),
            None => self.by_name.get(name),
        };
        let running = config.pools.iter().filter_map(|pool| find(&pool.name));
        running.map(|running| (&running.config, &running.pool)).collect()
    }
}

impl Running {
    fn of(pool: Pool, config: &config::Pool) -> Self {
        Self { config: config.clone(), pool, tasks: None }
    }
}

impl Next {
    /// Looks for the upstreams that aren't known yet. Takes no longer than 5 s.
    pub(super) async fn find(&mut self) {
        let mut finding: JoinSet<Option<(String, Vec<Listed>)>> = JoinSet::new();
        for (name, Made { running, differences, .. }) in &self.made {
            if differences.is_some_and(Differences::keep_endpoints) {
                let (name, looking) = (name.clone(), running.pool.look_up(running.config.upstreams.clone()));
                finding.spawn(async move { Some((name, looking.await)) });
            } else {
                let looking = running.pool.find();
                finding.spawn(async move {
                    looking.await;
                    None
                });
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
mod tests {
    use super::*;

    fn config(text: &str) -> Config {
        let text = format!("[routes.\"/\"]\npool = \"api\"\n{text}");
        Config::parse("test.toml", &text, |_| None).unwrap_or_else(|errors| panic!("{errors}"))
    }

    const POOL: &str = "[pools.api]\nupstreams = [\"http://127.0.0.1:1\", \"http://127.0.0.1:2\"]";

    /// The upstreams that are paused.
    fn paused(pools: &Pools) -> Vec<String> {
        let endpoints = pools.by_name["api"].pool.endpoints().snapshot().into_iter();
        let paused = endpoints.filter(|endpoint| endpoint.health() == balance::Health::Paused);
        paused.map(|endpoint| endpoint.service().target().to_string()).collect()
    }

    #[tokio::test]
    async fn a_pause_outlasts_other_settings_and_other_lists() {
        let (mut pools, mut before) = (Pools::default(), config(POOL));
        let (tunnels, sources) = (Tunnels::default(), Sources::new(&before.dns));
        let mut apply = |pools: &mut Pools, text: &str| {
            let after = config(text);
            let next = pools.prepare(&after, &before.limits, &tunnels, &sources);
            pools.keep_pauses(&next);
            pools.commit(next, &after);
            before = after;
        };
        apply(&mut pools, POOL);
        let endpoints = pools.by_name["api"].pool.endpoints();
        assert!(endpoints.pause(&endpoints.snapshot()[0]));
        for changed in [
            POOL.to_owned(),
            format!("{POOL}\nslow_start = \"5s\""),
            POOL.replace("[\"", "[\"http://127.0.0.1:3\", \""),
        ] {
            apply(&mut pools, &changed);
            assert_eq!(paused(&pools), ["http://127.0.0.1:1"]);
        }
    }
}
