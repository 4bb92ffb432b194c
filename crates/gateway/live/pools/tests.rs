use std::sync::Arc;

use tokio::sync::watch;

use super::*;
use crate::discovery::Found;

fn config(text: &str) -> Config {
    let text = format!("[routes.\"/\"]\npool = \"api\"\n{text}");
    Config::parse("test.toml", &text, |_| None).unwrap_or_else(|errors| panic!("{errors}"))
}

const POOL: &str = "[pools.api]\nupstreams = [\"http://127.0.0.1:1\", \"http://127.0.0.1:2\"]";

/// The pools of a configuration, as they are over a reload.
struct Live {
    pools: Pools,
    config: Config,
    tunnels: Tunnels,
    sources: Sources,
}

impl Live {
    fn new() -> Self {
        let config = config(POOL);
        let (pools, tunnels, sources) = (Pools::default(), Tunnels::default(), Sources::new(&config.dns));
        let mut live = Self { pools, config, tunnels, sources };
        live.apply(POOL);
        live
    }

    fn apply(&mut self, text: &str) {
        let after = config(text);
        let next = self.pools.prepare(&self.config, &after, &self.tunnels, &self.sources);
        self.pools.keep_pauses(&next);
        self.pools.commit(next, &after);
        self.config = after;
    }

    fn pause_the_first(&self) {
        let endpoints = self.pools.by_name["api"].pool.endpoints();
        assert!(endpoints.pause(&endpoints.snapshot()[0]));
    }

    /// The upstreams that are paused, and those that aren't.
    fn upstreams(&self) -> (Vec<String>, Vec<String>) {
        let endpoints = self.pools.by_name["api"].pool.endpoints().snapshot();
        let (paused, others): (Vec<_>, Vec<_>) =
            endpoints.iter().partition(|endpoint| endpoint.health() == balance::Health::Paused);
        let urls = |of: Vec<&Arc<balance::Endpoint<crate::pools::Endpoint>>>| {
            of.into_iter().map(|endpoint| endpoint.service().target().to_string()).collect()
        };
        (urls(paused), urls(others))
    }
}

#[tokio::test]
async fn a_pause_outlasts_other_settings_and_other_lists() {
    let mut live = Live::new();
    live.pause_the_first();
    for changed in [
        POOL.to_owned(),
        format!("{POOL}\nslow_start = \"5s\""),
        POOL.replace("[\"", "[\"http://127.0.0.1:3\", \""),
    ] {
        live.apply(&changed);
        assert_eq!(live.upstreams().0, ["http://127.0.0.1:1"]);
    }
}

#[tokio::test]
async fn what_the_program_itself_has_found_outlasts_other_settings() {
    let mut live = Live::new();
    let found = [7, 8].map(|port| Found::new(format!("http://127.0.0.1:{port}").parse().unwrap()));
    let (_sets, source) = watch::channel(Some(found.to_vec()));
    live.pools.take_from(source.clone(), "api");
    live.pools.by_name["api"].pool.take_now(&source);
    live.pause_the_first();
    for changed in [format!("{POOL}\nslow_start = \"5s\""), format!("{POOL}\nfailover = 2")] {
        live.apply(&changed);
        let (paused, others) = live.upstreams();
        assert_eq!((&*paused[0], &*others[0]), ("http://127.0.0.1:7", "http://127.0.0.1:8"), "{changed}");
    }
}
