//! The routes, in two forms: `[routes."/prefix"]`, where a prefix is the only condition, and `[[route]]`.

mod action;
mod answered;
mod answers;
mod entry;
mod headers;
mod limits;
mod matching;
mod method;
mod misplaced;
mod pools;
mod rates;
mod rewrite;
mod template;
mod tests_of_values;
mod together;
mod upgrade;

use super::context::Context;
use super::model::{Entry, Matching, PathPattern, Route};
use super::pools::Pools;
use super::prefix;
use super::report::{Problem, Report};
use super::section::Section;
use super::values::{self, Value, quoted};
pub(super) use answers::common_errors;
use misplaced::OwnAnswer;
pub(super) use together::open_below;
use together::{Openness, Written, check_together};

const SHORT: &str = "a table of routes: [routes.\"/prefix\"], or [[route]]";
const SHORT_ROUTE: &str = "a table: [routes.\"/prefix\"] with a pool";
const ROUTES: &str = "tables: [[route]], or [routes.\"/prefix\"]";
const NAME: &str = "a name of 1 to 256 visible characters, such as \"users\"";

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
        let name = section.read("name", report, name);
        let (span, matching) = matching::matching(&mut section, report);
        let name = name.unwrap_or_else(|| default_name(&matching));
        let (openness, route) = route(Form::Full, (name, matching), section, pools, context, report);
        (report.errors() == before).then_some(Written { span, route, openness })
    });
    written.collect()
}

fn name(value: &Value<'_>) -> Result<String, Problem> {
    let text = values::text(value, NAME)?;
    match why_no_name(text) {
        None => Ok(text.to_owned()),
        Some(why) => Err(Problem::new(value.span(), format!("{} {why}", quoted(text))).expecting(NAME)),
    }
}

fn why_no_name(text: &str) -> Option<&'static str> {
    match text {
        "none" => Some("stands for requests that no route takes, in metrics"),
        _ if !(1..=256).contains(&text.len()) || text.contains(char::is_control) => Some("is no name"),
        _ => None,
    }
}

/// The path as it stands in the file, behind the host if there is one: `api.example.com/users`.
fn default_name(matching: &Matching) -> String {
    let path = match (matching.path_regex(), matching.path_in_file()) {
        (Some(regex), "/") if why_no_name(regex.as_str()).is_none() => regex.as_str(),
        (_, path) => path,
    };
    matching.hosts.first().map_or_else(|| path.to_owned(), |host| format!("{host}{path}"))
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
    let own = OwnAnswer::of(&section);
    if let Some(own) = own {
        own.refuse_others(&mut section, report);
        if form == Form::Short {
            own.refuse(&["host"], &mut section, report);
        }
    }
    let before = report.errors();
    let action = action::action(&mut section, matching.captures(), pools, context, report);
    let valid = (report.errors() == before).then_some(&action);
    let entry = entry::entry(&mut section, context, report);
    let openness = openness(&mut section, &entry, report);
    let rewrite = rewrite::rewrite(&mut section, &matching, report);
    let mut route = Route {
        name,
        others: pools::other_pools(&mut section, valid, pools, report),
        limits: limits::limits(&mut section, own, report),
        headers: headers::headers(&mut section, matching.captures(), &rewrite.path, report),
        answers: answers::answers(&mut section, (&matching, own), context, report),
        upgrade: upgrade::upgrades(&mut section, report),
        matching,
        action,
        entry,
        rewrite,
    };
    if form == Form::Short
        && let Some(host) = rewrite::host(&mut section, report)
    {
        route.rewrite.host = host;
    }
    section.finish(report);
    (openness, route)
}

/// Reads `open`, which a route with a gate of its own can't be.
fn openness(section: &mut Section<'_>, entry: &Entry, report: &mut Report) -> Openness {
    let is_open = section.read("open", report, |value| match values::boolean(value)? {
        true if entry.is_gated() => Err(Problem::new(value.span(), "this route has a gate of its own")
            .expecting("either the gate, or open = true")),
        is_open => Ok(is_open),
    });
    match is_open {
        Some(true) => Openness::Meant,
        _ => Openness::Unsaid,
    }
}
