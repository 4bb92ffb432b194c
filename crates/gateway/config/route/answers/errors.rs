//! `errors`, of a route or of all: what clients read where something failed.

use http::StatusCode;
use toml::Spanned;
use toml::de::{DeString, DeValue};

use crate::config::context::Context;
use crate::config::model::{Content, ErrorPage, ErrorStatuses, Errors};
use crate::config::report::{Problem, Report};
use crate::config::route::answered::content::{content, file};
use crate::config::route::misplaced::OwnAnswer;
use crate::config::section::Section;
use crate::config::values::{self, Value};

const ERRORS: &str = "true for problem details, or a table such as { 502 = \"sorry.html\" }";
const PAGE: &str =
    "the path of a file, or a table such as { body = \"Sorry.\", content_type = \"text/plain\" }";
const STATUSES: &str = "a status from 400 to 599, \"4xx\" or \"5xx\"";

/// Reads `errors` of a route: `true`, `false` for a line of text even if others have pages, or a table. `own` is
/// how the route answers requests itself, if it does.
pub(super) fn errors(
    route: &mut Section<'_>,
    own: Option<OwnAnswer>,
    context: &Context<'_>,
    report: &mut Report,
) -> Option<Errors> {
    let mut section = match open(route, report)? {
        Written::Word(errors) => return Some(errors),
        Written::Table(section) => section,
    };
    if let Some(own) = own {
        own.refuse(&["intercept"], &mut section, report);
    }
    let intercept = section.read("intercept", report, values::boolean).unwrap_or_default();
    let place = section.problem("intercepts answers for which there is no page");
    let errors = Errors { intercept, ..rest(section, context, report) };
    if intercept && errors.pages.is_empty() {
        report.error(place.expecting("a page as well, such as 502 = \"sorry.html\""));
    }
    Some(errors)
}

/// Reads `[errors]`, for all that no route's own says: `true`, or a table.
pub(in crate::config) fn common_errors(
    root: &mut Section<'_>,
    context: &Context<'_>,
    report: &mut Report,
) -> Option<Errors> {
    let mut section = match open(root, report)? {
        Written::Word(errors) => return Some(errors).filter(|errors| *errors != Errors::none()),
        Written::Table(section) => section,
    };
    if let Some(key) = section.take_misplaced("intercept") {
        let message = format!("{}: each route says that for its upstreams", section.path_to(key.get_ref()));
        report.error(Problem::new(key.span(), message).expecting("intercept in the errors of a route"));
    }
    Some(rest(section, context, report))
}

/// How `errors` is written.
enum Written<'i> {
    Word(Errors),
    Table(Section<'i>),
}

fn open<'i>(above: &mut Section<'i>, report: &mut Report) -> Option<Written<'i>> {
    let value = above.take("errors")?;
    let path = above.path_to("errors");
    match value.get_ref() {
        DeValue::Boolean(true) => Some(Written::Word(Errors::default())),
        DeValue::Boolean(false) => Some(Written::Word(Errors::none())),
        _ => report.keep(Section::open(path, value, ERRORS)).map(Written::Table),
    }
}

/// Reads what both have in common.
fn rest(mut section: Section<'_>, context: &Context<'_>, report: &mut Report) -> Errors {
    let usual = Errors::default();
    let problem = section.read("problem", report, values::boolean).unwrap_or(usual.problem);
    let mut pages = Vec::new();
    for (name, value) in section.take_named(|name| name.starts_with(|first: char| first.is_ascii_digit())) {
        let path = section.path_to(name.get_ref());
        let of = report.keep(statuses(&name).map_err(|problem| problem.about(&path)));
        let content = page(path, value, context, report);
        if let (Some(of), Some(content)) = (of, content) {
            pages.push(ErrorPage { of, content });
        }
    }
    section.finish(report);
    Errors { pages, problem, ..usual }
}

fn statuses(name: &Spanned<DeString<'_>>) -> Result<ErrorStatuses, Problem> {
    let number = || name.get_ref().parse().ok().filter(|number| (400..=599).contains(number));
    match &**name.get_ref() {
        "4xx" => Ok(ErrorStatuses::Class(4)),
        "5xx" => Ok(ErrorStatuses::Class(5)),
        _ => number()
            .and_then(|number: u16| StatusCode::from_u16(number).ok())
            .map(ErrorStatuses::One)
            .ok_or_else(|| Problem::new(name.span(), "no page is for this").expecting(STATUSES)),
    }
}

fn page(path: String, value: Value<'_>, context: &Context<'_>, report: &mut Report) -> Option<Content> {
    if let DeValue::String(_) = value.get_ref() {
        return report.keep(file(&value, context).map_err(|problem| problem.about(&path)));
    }
    let mut section = report.keep(Section::open(path, value, PAGE))?;
    let problem = section.problem("has neither body nor file").expecting(PAGE);
    let is_there = section.has("body") || section.has("file");
    let content = content(&mut section, context, report);
    if !is_there {
        report.error(problem);
    }
    section.finish(report);
    content
}
