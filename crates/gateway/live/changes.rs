//! What differs between two configurations.

use std::collections::BTreeMap;
use std::fmt;

use crate::config::{Config, Listen, Pool, Route};

/// How many names of one kind are shown.
const MOST_NAMED: usize = 20;

/// What became of things of one kind, by their names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Changes {
    /// Those that are new.
    pub added: Vec<String>,
    /// Those that stayed, but not as they were.
    pub changed: Vec<String>,
    /// Those that are gone.
    pub removed: Vec<String>,
    /// How many stayed as they were.
    pub kept: usize,
}

impl Changes {
    /// Whether all stayed as they were.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.changed.is_empty() && self.removed.is_empty()
    }

    /// What differs between two lists of named things.
    fn between<T: PartialEq>(
        before: impl IntoIterator<Item = (String, T)>,
        after: impl IntoIterator<Item = (String, T)>,
    ) -> Self {
        let mut before: BTreeMap<String, T> = before.into_iter().collect();
        let mut changes = Self::default();
        for (name, now) in after {
            match before.remove(&name) {
                None => changes.added.push(name),
                Some(then) if then == now => changes.kept += 1,
                Some(_) => changes.changed.push(name),
            }
        }
        changes.removed = before.into_keys().collect();
        changes
    }

    fn and(mut self, other: Self) -> Self {
        self.added.extend(other.added);
        self.changed.extend(other.changed);
        self.removed.extend(other.removed);
        self.kept += other.kept;
        self
    }
}

/// As `+added ~changed -removed, 3 kept`.
impl fmt::Display for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = [('+', &self.added), ('~', &self.changed), ('-', &self.removed)];
        let names = || all.into_iter().flat_map(|(sign, names)| names.iter().map(move |name| (sign, name)));
        for (sign, name) in names().take(MOST_NAMED) {
            write!(f, "{sign}{name} ")?;
        }
        match names().count().saturating_sub(MOST_NAMED) {
            0 => {}
            more => write!(f, "and {more} more ")?,
        }
        write!(f, "({} kept)", self.kept)
    }
}

pub(super) fn of_routes(before: &Config, after: &Config) -> Changes {
    fn named(config: &Config) -> impl Iterator<Item = (String, (Vec<&str>, Route))> {
        config.routes.iter().map(|route| {
            let pools = config.pools_of(route).map(|pool| pool.name.as_str()).collect();
            (route.name.clone(), (pools, route.without_numbers()))
        })
    }
    Changes::between(named(before), named(after))
}

pub(super) fn of_pools(before: &Config, after: &Config) -> Changes {
    fn named(config: &Config) -> impl Iterator<Item = (String, &Pool)> {
        config.pools.iter().map(|pool| (pool.name.clone(), pool))
    }
    Changes::between(named(before), named(after))
}

/// The upstreams of the pools that are in both.
pub(super) fn of_upstreams(before: &Config, after: &Config) -> Changes {
    let named = |pool: &Pool| -> Vec<_> {
        let upstreams = pool.upstreams.iter();
        upstreams.map(|upstream| (format!("{}:{}", pool.name, upstream.location), upstream.clone())).collect()
    };
    let then: BTreeMap<&str, &Pool> = before.pools.iter().map(|pool| (pool.name.as_str(), pool)).collect();
    let both = after.pools.iter().filter_map(|pool| Some((then.get(pool.name.as_str())?, pool)));
    both.map(|(then, now)| Changes::between(named(then), named(now))).fold(Changes::default(), Changes::and)
}

pub(super) fn of_listeners(before: &Config, after: &Config) -> Changes {
    fn named(config: &Config) -> impl Iterator<Item = (String, &Listen)> {
        config.listen.iter().map(|listen| (listen.address.to_string(), listen))
    }
    Changes::between(named(before), named(after))
}

/// The keys outside of pools and routes whose values differ.
pub(super) fn of_settings(before: &Config, after: &Config) -> Vec<&'static str> {
    // Every field is named here, so that a new one isn't forgotten.
    let Config {
        listen: _,
        workers,
        trusted_proxies,
        forwarded,
        header_case,
        timeouts,
        limits,
        dns,
        log,
        traces,
        pages,
        errors,
        admin,
        redis,
        pools: _,
        routes: _,
        warnings: _,
        origin: _,
    } = after;
    let settings = [
        ("workers", before.workers == *workers),
        ("trusted_proxies", before.trusted_proxies == *trusted_proxies),
        ("forwarded", before.forwarded == *forwarded),
        ("header_case", before.header_case == *header_case),
        ("timeouts", before.timeouts == *timeouts),
        ("limits", before.limits == *limits),
        ("dns", before.dns == *dns),
        ("log", before.log == *log),
        ("traces", before.traces == *traces),
        ("pages", before.pages == *pages),
        ("errors", before.errors == *errors),
        ("admin", before.admin == *admin),
        ("redis", before.redis == *redis),
    ];
    settings.into_iter().filter(|(_, is_same)| !is_same).map(|(name, _)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> Config {
        Config::parse("test.toml", text, |_| None).unwrap_or_else(|errors| panic!("{errors}"))
    }

    const ONE: &str = r#"
        [pools.api]
        upstreams = ["http://127.0.0.1:1", "http://127.0.0.1:2"]
        [pools.files]
        upstreams = ["http://127.0.0.1:3"]
        [routes."/api"]
        pool = "api"
        [routes."/files"]
        pool = "files"
        "#;

    #[test]
    fn what_is_the_same_is_kept() {
        let (before, after) = (config(ONE), config(&format!("# a comment\n{ONE}")));
        for changes in [of_routes(&before, &after), of_pools(&before, &after), of_upstreams(&before, &after)]
        {
            assert!(changes.is_empty(), "{changes}");
        }
        assert_eq!(of_settings(&before, &after), [""; 0]);
    }

    #[test]
    fn each_difference_has_its_sign() {
        let after = r#"
            trusted_proxies = ["10.0.0.0/8"]
            errors = true
            [timeouts]
            request = "1s"
            [pools.api]
            upstreams = [{ url = "http://127.0.0.1:2", weight = 2 }, "http://127.0.0.1:4"]
            [pools.a]
            upstreams = ["http://127.0.0.1:3"]
            [routes."/api"]
            pool = "api"
            [routes."/new"]
            pool = "a"
            max_body = "1MiB"
            "#;
        let (before, after) = (config(ONE), config(after));
        assert_eq!(of_routes(&before, &after).to_string(), "+/new -/files (1 kept)");
        assert_eq!(of_pools(&before, &after).to_string(), "+a ~api -files (0 kept)");
        assert_eq!(
            of_upstreams(&before, &after).to_string(),
            "+api:http://127.0.0.1:4 ~api:http://127.0.0.1:2 -api:http://127.0.0.1:1 (0 kept)"
        );
        assert_eq!(of_settings(&before, &after), ["trusted_proxies", "timeouts", "errors"]);
    }

    #[test]
    fn a_long_list_is_cut() {
        let names = |of: std::ops::Range<u32>| of.map(|number| (format!("/{number}"), ()));
        let changes = Changes::between(names(0..5), names(3..30));
        assert!(changes.to_string().ends_with("+/24 and 8 more (2 kept)"), "{changes}");
    }
}
