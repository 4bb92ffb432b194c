//! Paths, queries, targets and methods reach the upstream as the client sent them, byte for byte.

mod methods;
mod paths;
mod properties;
mod targets;

use crate::support::recorder::Script;
use crate::support::relay::Relay;

/// Every way in which a path can be taken apart and put together again: a prefix taken off, a base put on, both, and
/// a route that takes the rest.
async fn relay() -> Relay {
    let routes = r#"
        [routes."/api"]
        pool = "plain"
        [routes."/static"]
        pool = "based"
        [routes."/"]
        pool = "based"
    "#;
    Relay::start("", routes, |_| Script::ok("")).await
}

/// The target that [`relay`]'s upstream must get: the same bytes without the prefix, after the target's base.
fn expected(target: &str) -> String {
    let path = &target[..target.find('?').unwrap_or(target.len())];
    for (prefix, base) in [("/api", ""), ("/static", BASE)] {
        if path == prefix || path.starts_with(&format!("{prefix}/")) {
            let rest = &target[prefix.len()..];
            // A path is never empty; it needs a slash only where there is no base.
            let slash = if rest.starts_with('/') || !base.is_empty() { "" } else { "/" };
            return format!("{base}{slash}{rest}");
        }
    }
    format!("{BASE}{target}")
}

const BASE: &str = "/base%2Fv1";
