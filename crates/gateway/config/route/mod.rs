//! The routes, in two forms: `[routes."/prefix"]`, where a prefix is the only condition, and `[[route]]`.

mod action;
mod answered;
mod answers;
mod entry;
mod headers;
mod limits;
mod matching;
mod rates;
mod rewrite;
mod upgrade;

use std::collections::BTreeMap;

use super::context::Context;
use super::model::{Matching, Route};
use super::pools::Pools;
use super::prefix::{self, Named};
use super::report::{Problem, Report};
use super::section::Section;
use super::values::{self, quoted};

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
    let mut named = short(root, pools, context, report);
    named.extend(full(root, pools, context, report));
    refuse_equal_names(&named, report);
    prefix::check_together(&named, report);
    named.into_iter().map(|(_, route)| route).collect()
}

fn short(root: &mut Section<'_>, pools: &Pools, context: &Context<'_>, report: &mut Report) -> Vec<Named> {
    let sections = root.named_sections("routes", SHORT, SHORT_ROUTE, report);
    let mut named: Vec<Named> = sections
        .into_iter()
        .map(|(prefix, section)| {
            let span = prefix.span();
            let prefix = prefix.into_inner().into_owned();
            report.keep(prefix::check(&prefix, &span));
            let named = (prefix.clone(), Matching::below(prefix));
            (span, route(Form::Short, named, section, pools, context, report))
        })
        .collect();
    named.sort_by(|(_, a), (_, b)| a.name.cmp(&b.name));
    named
}

fn full(root: &mut Section<'_>, pools: &Pools, context: &Context<'_>, report: &mut Report) -> Vec<Named> {
    let Some(items) = root.list("route", report, ROUTES) else { return Vec::new() };
    let sections =
        items.into_inner().into_iter().enumerate().filter_map(|(index, value)| {
            report.keep(Section::open(format!("route[{index}]"), value, ROUTES))
        });
    let sections: Vec<_> = sections.collect();
    let named = sections.into_iter().map(|mut section| {
        let name = section.read("name", report, |value| values::text(value, NAME).map(str::to_owned));
        let (span, matching) = matching::matching(&mut section, report);
        let name = name.unwrap_or_else(|| matching.path_in_file().to_owned());
        (span, route(Form::Full, (name, matching), section, pools, context, report))
    });
    named.collect()
}

/// Reads what the two forms have in common.
fn route(
    form: Form,
    (name, matching): (String, Matching),
    mut section: Section<'_>,
    pools: &Pools,
    context: &Context<'_>,
    report: &mut Report,
) -> Route {
    let mut route = Route {
        name,
        matching,
        action: action::action(&mut section, pools, context, report),
        entry: entry::entry(&mut section, context, report),
        limits: limits::limits(&mut section, report),
        rewrite: rewrite::rewrite(&mut section, report),
        headers: headers::headers(&mut section, report),
        answers: answers::answers(&mut section, context, report),
        upgrade: upgrade::upgrades(&mut section, report),
    };
    if form == Form::Short
        && let Some(host) = rewrite::host(&mut section, report)
    {
        route.rewrite.host = host;
    }
    section.finish(report);
    route
}

fn refuse_equal_names(routes: &[Named], report: &mut Report) {
    let mut seen = BTreeMap::new();
    for (span, route) in routes {
        if seen.insert(&route.name, ()).is_some() {
            let message = format!("there are two routes named {}", quoted(&route.name));
            report.error(Problem::new(span.clone(), message).expecting("another name"));
        }
    }
}
