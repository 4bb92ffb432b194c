//! `[pages]`: the paths of the gateway's own pages.

use std::ops::Range;

use super::model::{Matching, Pages, PathPattern, Route};
use super::prefix;
use super::report::{Problem, Report};
use super::route::open_below;
use super::section::Section;
use super::values::{self, Value, quoted};

const PAGES: &str = "false for none, or a table such as { health = \"/healthz\", ready = false }";
const PAGE: &str = "a path such as \"/healthz\", or false for none";

/// The pages as the file has them, before they are compared with the routes.
pub(super) struct Wanted {
    index: Place,
    health: Place,
    ready: Place,
}

enum Place {
    /// The default path, unless a route has exactly that prefix.
    Usual(&'static str),
    At(String, Range<usize>),
    Nowhere,
}

pub(super) fn pages(root: &mut Section<'_>, report: &mut Report) -> Wanted {
    let usual =
        Wanted { index: Place::Nowhere, health: Place::Usual("/healthz"), ready: Place::Usual("/readyz") };
    let Some(value) = root.take("pages") else { return usual };
    if values::is_false(&value) {
        return Wanted { index: Place::Nowhere, health: Place::Nowhere, ready: Place::Nowhere };
    }
    let Some(mut section) = report.keep(Section::open(root.path_to("pages"), value, PAGES)) else {
        return usual;
    };
    let index = section.read("index", report, place).unwrap_or(usual.index);
    let health = section.read("health", report, place).unwrap_or(usual.health);
    let ready = section.read("ready", report, place).unwrap_or(usual.ready);
    section.finish(report);
    Wanted { index, health, ready }
}

fn place(value: &Value<'_>) -> Result<Place, Problem> {
    if values::is_false(value) {
        return Ok(Place::Nowhere);
    }
    let path = values::text(value, PAGE)?;
    prefix::check_as("the page", path, &value.span())?;
    Ok(Place::At(path.to_owned(), value.span()))
}

impl Wanted {
    /// The pages that remain beside these routes. A path that can't be used is an error in `report`.
    pub(super) fn beside(self, routes: &[Route], report: &mut Report) -> Pages {
        let mut named: Vec<String> = Vec::new();
        for place in [&self.index, &self.health, &self.ready] {
            let Place::At(path, span) = place else { continue };
            if let Some(why) = refusal(path, &named, routes) {
                let problem = Problem::new(span.clone(), format!("the page {} {why}", quoted(path)));
                report.error(problem.expecting("another path, or false for none"));
            }
            named.push(path.clone());
        }
        let is_free = |path: &str| !named.iter().any(|other| other == path) && !is_routed(path, routes);
        let put = |place| match place {
            Place::Nowhere => None,
            Place::At(path, _) => Some(path),
            Place::Usual(path) => is_free(path).then(|| path.to_owned()),
        };
        Pages { index: put(self.index), health: put(self.health), ready: put(self.ready) }
    }
}

fn refusal(path: &str, others: &[String], routes: &[Route]) -> Option<String> {
    if is_routed(path, routes) {
        Some("is a route as well".to_owned())
    } else if others.iter().any(|other| other == path) {
        Some("is another page as well".to_owned())
    } else {
        gate_above(path, routes).map(|gate| format!("would be open, below {gate}, which is gated"))
    }
}

/// Whether a route takes all requests for this path, or all of it and below.
fn is_routed(path: &str, routes: &[Route]) -> bool {
    let at_path = routes.iter().map(|route| &route.matching).filter(|matching| matching.is_literally(path));
    at_path.into_iter().any(|matching| matching.hosts.is_empty() && !matching.is_conditional())
}

/// The route with a gate that a page at `path` would lie below.
fn gate_above<'a>(path: &str, routes: &'a [Route]) -> Option<&'a str> {
    let page = Matching::path(PathPattern::exact(path).ok()?);
    open_below(&page, routes).map(|route| route.name.as_str())
}
