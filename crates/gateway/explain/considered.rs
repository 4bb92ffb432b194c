//! Which route takes a request, and why the others don't.

use super::explanation::Considered;
use crate::config::{Config, Route};

/// All routes, with the reason for each. `taken_by` is the prefix of the route that takes the request.
pub(super) fn routes(config: &Config, path: &str, taken_by: Option<&str>) -> Vec<Considered> {
    let consider = |route: &Route| {
        let matches = taken_by == route.matching.prefix();
        Considered {
            prefix: route.matching.path_in_file().to_owned(),
            pool: config.pool_of(route).map_or_else(String::new, |pool| pool.name.clone()),
            matches,
            why: why(route.matching.path_in_file(), path, taken_by),
        }
    };
    config.routes.iter().map(consider).collect()
}

/// All routes, where the request is answered before any is looked for.
pub(super) fn unasked(config: &Config) -> Vec<Considered> {
    let unasked =
        |considered: Considered| Considered { why: "it is answered before".to_owned(), ..considered };
    routes(config, "", None).into_iter().map(unasked).collect()
}

fn why(prefix: &str, path: &str, taken_by: Option<&str>) -> String {
    let rest = path.strip_prefix(prefix);
    match (taken_by, rest) {
        (Some("/"), _) if prefix == "/" => "no other route takes this path".to_owned(),
        (Some(taken_by), _) if prefix == "/" => {
            format!("it takes only what no other route takes, and {taken_by} does")
        }
        (None, _) if prefix == "/" => "a page of the gateway is there".to_owned(),
        (Some(taken_by), Some("")) if taken_by == prefix => "it is the path".to_owned(),
        (Some(taken_by), _) if taken_by == prefix => "the path is below it".to_owned(),
        (Some(taken_by), Some(rest)) if is_below(rest) => {
            format!("the path is below it as well, but {taken_by} is longer")
        }
        (None, Some(rest)) if is_below(rest) => "a page of the gateway is there".to_owned(),
        (_, Some(rest)) => {
            let segment = rest.split('/').next().unwrap_or(rest);
            format!("the path goes on with {segment:?} where a segment would have to end")
        }
        (_, None) if is_same_ignoring_case(prefix, path) => "the path has other capitals".to_owned(),
        (_, None) => "the path doesn't begin with it".to_owned(),
    }
}

fn is_below(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with('/')
}

fn is_same_ignoring_case(prefix: &str, path: &str) -> bool {
    path.get(..prefix.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(prefix))
}
