//! The routes, in two forms: `[routes."/prefix"]`, where a prefix is the only condition, and `[[route]]`.

mod action;
mod answered;
mod answers;
mod entry;
mod headers;
mod limits;
mod matching;
mod pools;
mod rates;
mod rewrite;
mod template;
mod tests_of_values;
mod together;
mod upgrade;

use super::context::Context;
use super::model::{Matching, PathPattern, Route};
use super::pools::Pools;
use super::prefix;
use super::report::Report;
use super::section::Section;
use super::values;
pub(super) use answers::common_errors;
pub(super) use together::open_below;
use together::{Openness, Written, check_together};

const SHORT: &str = "a table of routes: [routes.\"/prefix\"]";
const SHORT_ROUTE: &str = "a table: [routes.\"/prefix\"] with a pool";
const ROUTES: &str = "tables: [[route]], or [routes.\"/prefix\"]";
const NAME: &str = "a name, such as \"users\"";

/// How a route is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// `[routes."/prefix"]`. `host` says which `Host` is sent.
    Short,
    /// `[[route]]`. `host` is a condition.
    Full,
}

pub(super) fn routes(
    root: &mut Section<'_>,
    pools: &Pools,
    context: &Context<'_>,
    report: &mut Report,
) -> Vec<Route> {
    if !root.has("routes") && !root.has("route") {
        let expected = "at least one [routes.\"/prefix\"] or [[route]]";
        report.error(root.problem("there are no routes").expecting(expected));
    }
    let mut written = short(root, pools, context, report);
    written.extend(full(root, pools, context, report));
    check_together(&written, report);
    written.into_iter().map(|written| written.route).collect()
}

/// Reads the routes of the short form. One with an error is checked, and then left out.
fn short(root: &mut Section<'_>, pools: &Pools, context: &Context<'_>, report: &mut Report) -> Vec<Written> {
    let sections = root.named_sections("routes", SHORT, SHORT_ROUTE, report);
    let mut written: Vec<Written> = sections
        .into_iter()
        .filter_map(|(prefix, section)| {
            let (before, span) = (report.errors(), prefix.span());
            let prefix = prefix.into_inner().into_owned();
            let path = report.keep(prefix::check(&prefix, &span)).unwrap_or_else(PathPattern::root);
            let (openness, route) =
                route(Form::Short, (prefix, Matching::path(path)), section, pools, context, report);
            (report.errors() == before).then_some(Written { span, route, openness })
        })
        .collect();
    written.sort_by(|a, b| a.route.name.cmp(&b.route.name));
    written
}

/// Reads the routes of the full form. One with an error is checked, and then left out.
fn full(root: &mut Section<'_>, pools: &Pools, context: &Context<'_>, report: &mut Report) -> Vec<Written> {
    let Some(items) = root.list("route", report, ROUTES) else { return Vec::new() };
    let items = items.into_inner().into_iter().enumerate();
    let written = items.filter_map(|(index, value)| {
        let before = report.errors();
        let mut section = report.keep(Section::open(format!("route[{index}]"), value, ROUTES))?;
        let name = section.read("name", report, |value| values::text(value, NAME).map(str::to_owned));
        let (span, matching) = matching::matching(&mut section, report);
        let name = name.unwrap_or_else(|| matching.path_in_file().to_owned());
        let (openness, route) = route(Form::Full, (name, matching), section, pools, context, report);
        (report.errors() == before).then_some(Written { span, route, openness })
    });
    written.collect()
}

/// Reads what the two forms have in common.
fn route(
    form: Form,
    (name, matching): (String, Matching),
    mut section: Section<'_>,
    pools: &Pools,
    context: &Context<'_>,
    report: &mut Report,
) -> (Openness, Route) {
    let openness = match section.read("open", report, values::boolean) {
        Some(true) => Openness::Meant,
        _ => Openness::Unsaid,
    };
    let mut route = Route {
        name,
        action: action::action(&mut section, matching.captures(), pools, context, report),
        others: pools::other_pools(&mut section, pools, report),
        entry: entry::entry(&mut section, context, report),
        limits: limits::limits(&mut section, report),
        rewrite: rewrite::rewrite(&mut section, &matching, report),
        headers: headers::headers(&mut section, matching.captures(), report),
        answers: answers::answers(&mut section, &matching, context, report),
        upgrade: upgrade::upgrades(&mut section, report),
        matching,
    };
    if form == Form::Short
        && let Some(host) = rewrite::host(&mut section, report)
    {
        route.rewrite.host = host;
    }
    section.finish(report);
    (openness, route)
}
