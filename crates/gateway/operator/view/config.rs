//! The configuration's text, without its secrets.

use serde::Serialize;

use crate::config::Origin;
use crate::live::{Applied, Changes, Handle};

/// The configuration that runs, as TOML with a mask in place of each secret. Nothing is known of one that a program made.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Config {
    digest: Option<String>,
    file: Option<String>,
    text: String,
}

impl Config {
    pub(crate) fn of(handle: &Handle) -> Self {
        let scene = handle.scene();
        let origin = scene.config.origin.as_ref();
        Self {
            digest: origin.map(|origin| origin.digest().to_string()),
            file: origin.map(|origin| origin.file().to_owned()),
            text: origin.map(Origin::masked).unwrap_or_default().to_owned(),
        }
    }
}

/// What a reload has changed: routes, pools, upstreams and listeners by their names, and other keys.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Reloaded {
    generation: u64,
    added: Vec<String>,
    changed: Vec<String>,
    removed: Vec<String>,
    kept: usize,
}

impl Reloaded {
    pub(crate) fn of(applied: &Applied) -> Self {
        let all = [
            ("route", &applied.routes),
            ("pool", &applied.pools),
            ("upstream", &applied.upstreams),
            ("listener", &applied.listeners),
        ];
        let named = |of: fn(&Changes) -> &Vec<String>| {
            let names = all.into_iter().flat_map(move |(kind, changes)| {
                of(changes).iter().map(move |name| format!("{kind} {name}"))
            });
            names.collect::<Vec<String>>()
        };
        let settings = applied.settings.iter().map(|key| format!("setting {key}"));
        Self {
            generation: applied.generation,
            added: named(|changes| &changes.added),
            changed: named(|changes| &changes.changed).into_iter().chain(settings).collect(),
            removed: named(|changes| &changes.removed),
            kept: all.iter().map(|(_, changes)| changes.kept).sum(),
        }
    }
}
