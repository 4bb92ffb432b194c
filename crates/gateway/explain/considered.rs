//! Which route takes a request, and why the others don't.

use std::collections::BTreeMap;

use http::Request;

use super::explanation::Considered;
use crate::config::{Config, Route};
use crate::route::Verdict;
use crate::table::Table;

/// All routes, with what each of them says to the request.
pub(super) fn routes<B>(config: &Config, table: &Table, asked: &Request<B>) -> Vec<Considered> {
    let verdicts: BTreeMap<&str, Verdict<'_>> = table.verdicts(asked).collect();
    let saying = Saying { path: asked.uri().path(), taken_by: table.route_of(asked) };
    let consider = |route: &Route| {
        let verdict = verdicts.get(route.name.as_str()).copied();
        let matches = matches!(verdict, Some(Verdict::Takes));
        let why = verdict.map(|verdict| saying.why(route, verdict));
        considered(config, route, matches, why.unwrap_or_default())
    };
    config.routes.iter().map(consider).collect()
}

/// All routes, where the request is answered before any is looked for.
pub(super) fn unasked(config: &Config) -> Vec<Considered> {
    let unasked = |route| considered(config, route, false, "it is answered before".to_owned());
    config.routes.iter().map(unasked).collect()
}

fn considered(config: &Config, route: &Route, matches: bool, why: String) -> Considered {
    Considered {
        name: route.name.clone(),
        prefix: route.matching.path_in_file().to_owned(),
        pool: config.pool_of(route).map_or_else(String::new, |pool| pool.name.clone()),
        to: config.destination(route),
        matches,
        why,
    }
}

struct Saying<'a> {
    path: &'a str,
    /// The name of the route that takes the request. `None`: a page does.
    taken_by: Option<&'a str>,
}

impl Saying<'_> {
    fn why(&self, route: &Route, verdict: Verdict<'_>) -> String {
        match (verdict, self.taken_by, route.matching.prefix()) {
            (Verdict::Takes, _, Some("/")) if !route.matching.is_conditional() => {
                "no other route takes this path".to_owned()
            }
            (Verdict::Takes, _, Some(prefix)) if prefix == self.path => "it is the path".to_owned(),
            (Verdict::Takes, _, Some(_)) => "the path is below it".to_owned(),
            (Verdict::IsAskedLater, None, _) => "a page of the gateway is there".to_owned(),
            (Verdict::IsAskedLater, Some(taken_by), Some("/")) => {
                format!("it takes only what no other route takes, and {taken_by} does")
            }
            (Verdict::IsAskedLater, Some(taken_by), Some(_)) => {
                format!("the path is below it as well, but {taken_by} is asked before")
            }
            (Verdict::IsAskedLater, Some(taken_by), None) => {
                format!("all of its conditions hold, but {taken_by} is asked before")
            }
            (Verdict::Path, _, Some(prefix)) => not_below(prefix, self.path),
            (verdict, _, _) => verdict.to_string(),
        }
    }
}

/// Why a path is not below a prefix.
fn not_below(prefix: &str, path: &str) -> String {
    match path.strip_prefix(prefix) {
        Some(rest) => {
            let segment = rest.split('/').next().unwrap_or(rest);
            format!("the path goes on with {segment:?} where a segment would have to end")
        }
        None if is_same_ignoring_case(prefix, path) => "the path has other capitals".to_owned(),
        None => "the path doesn't begin with it".to_owned(),
    }
}

fn is_same_ignoring_case(prefix: &str, path: &str) -> bool {
    path.get(..prefix.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(prefix))
}
