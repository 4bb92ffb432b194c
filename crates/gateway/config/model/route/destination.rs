//! How people read where a route leads.

use super::action::Action;
use super::{PoolShare, Route};
use crate::config::Config;

impl Config {
    /// Where a route's requests go, or what they are answered, in a few words: `blue 95, green 5, else spare`,
    /// `api; 10 % copied to shadow`, `answer 404`. The numbers of a split are its weights.
    pub fn destination(&self, route: &Route) -> String {
        let name = |index: usize| self.pools.get(index).map_or("?", |pool| pool.name.as_str());
        let share = |share: PoolShare| match &route.action {
            Action::Split(_) => format!("{} {}", name(share.pool), share.weight),
            _ => name(share.pool).to_owned(),
        };
        if let Some(answer) = route.action.own_answer() {
            return answer;
        }
        let mut text = route.action.shares().map(share).collect::<Vec<_>>().join(", ");
        if let Some(fallback) = route.others.fallback {
            text += &format!(", else {}", name(fallback));
        }
        if let Some(mirror) = &route.others.mirror {
            text += &format!("; {} % copied to {}", mirror.percent, name(mirror.pool));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pool_of_a_route_is_named() {
        for (keys, expected) in [
            ("pool = \"a\"", "a"),
            ("pool = \"a\"\nfallback = \"b\"", "a, else b"),
            ("pool = \"a\"\nmirror.pool = \"c\"", "a; 100 % copied to c"),
            ("split = { b = 5, a = 95 }", "a 95, b 5"),
            ("split = { a = 1 }", "a 1"),
            (
                "split = { a = 95, b = 0 }\nfallback = \"c\"\nmirror = { pool = \"c\", percent = 10 }",
                "a 95, b 0, else c; 10 % copied to c",
            ),
            ("respond = 404", "answer 404"),
        ] {
            let pools =
                ["a", "b", "c"].map(|name| format!("[pools.{name}]\nupstreams = [\"http://127.0.0.1:1\"]\n"));
            let text = format!("{}[routes.\"/\"]\n{keys}\n", pools.concat());
            let config =
                Config::parse("test.toml", text, |_| None).unwrap_or_else(|errors| panic!("{errors}"));
            assert_eq!(config.destination(&config.routes[0]), expected, "{keys}");
        }
    }
}
