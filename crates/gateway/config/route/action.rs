//! What a route does with its requests.

use super::answered::{files, redirect, respond};
use super::pools::split;
use crate::config::context::Context;
use crate::config::model::Action;
use crate::config::pools::Pools;
use crate::config::report::Report;
use crate::config::section::Section;

/// The keys of which a route has one.
pub(super) const ACTIONS: [&str; 5] = ["pool", "split", "respond", "redirect", "files"];

/// Reads what the route does. If that isn't valid it gets the first pool, so that the rest can be checked; the route is
/// never used, since the file has an error. `captures` are the names that the route's pattern captures.
pub(super) fn action(
    section: &mut Section<'_>,
    captures: &[Box<str>],
    pools: &Pools,
    context: &Context<'_>,
    report: &mut Report,
) -> Action {
    let given: Vec<&str> = ACTIONS.into_iter().filter(|key| section.has(key)).collect();
    match given.as_slice() {
        [] => {
            let problem = section.problem("has no pool");
            report.error(problem.expecting("pool = \"NAME\", or one of split, respond, redirect and files"));
        }
        [_] => {}
        several => {
            let problem = section.problem(format!("has {}", several.join(" and ")));
            report.error(problem.expecting("one of them"));
        }
    }
    let pool = section.read("pool", report, |value| pools.find(value)).map(Action::Pool);
    let split = split(section, pools, report).map(Action::Split);
    let respond = respond(section, context, report).map(Action::Respond);
    let redirect = redirect(section, captures, report).map(Action::Redirect);
    let files = files(section, context, report).map(Action::Files);
    pool.or(split).or(respond).or(redirect).or(files).unwrap_or(Action::Pool(0))
}
