//! What a route changes of header fields.

use std::ops::Range;

use http::HeaderName;
use proxy_service::{MapBack, References};

use super::template::{template, template_for_answers};
use crate::config::model::{FieldChanges, Headers, PathRewrite, RouteTemplate, When, is_claim, owner};
use crate::config::report::{Problem, Report, Visibility};
use crate::config::secret::is_secret_field;
use crate::config::section::Section;
use crate::config::values::{Value, choice, quoted, text};

const CHANGES: &str =
    "a table of changes: { set = { NAME = \"VALUE\" }, add = {}, remove = [\"NAME\"], only = [\"NAME\"] }";
const FIELDS: &str = "a table of fields, such as { \"x-user\" = \"{client_ip}\" }";
const VALUE: &str = "a value, such as \"DENY\" or \"{client_ip}\"";
const NAMES: &str = "a list of fields, such as [\"x-internal\"]";
const WHEN: &str = "\"always\", \"success\" or \"error\"";
const REFERENCES: &str = "\"target\", \"rewrite\" or \"keep\"";

/// What is changed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    Requests,
    Answers,
    Trailers,
}

/// Reads what a route changes of header fields. `captures` are the names that its path captures, and `path` is what
/// becomes of it.
pub(super) fn headers(
    section: &mut Section<'_>,
    captures: &[Box<str>],
    path: &PathRewrite,
    report: &mut Report,
) -> Headers {
    let changes = |key, of, section: &mut Section<'_>, report: &mut Report| {
        let Some(mut inner) = section.section(key, report, CHANGES) else { return Default::default() };
        let changes = field_changes(&mut inner, of, captures, report);
        let when = (of == Of::Answers).then(|| inner.read("when", report, when)).flatten();
        inner.finish(report);
        (changes, when.unwrap_or_default())
    };
    let (request, _) = changes("request_headers", Of::Requests, section, report);
    let (response, when) = changes("response_headers", Of::Answers, section, report);
    let (request_trailers, _) = changes("request_trailers", Of::Trailers, section, report);
    let (response_trailers, _) = changes("response_trailers", Of::Trailers, section, report);
    let map_back = MapBack {
        redirects: section.read("redirects", report, |value| references(value, path)).unwrap_or_default(),
        cookies: section.read("cookies", report, |value| references(value, path)).unwrap_or_default(),
    };
    Headers { request, request_trailers, response, when, response_trailers, map_back }
}

fn field_changes(
    section: &mut Section<'_>,
    of: Of,
    captures: &[Box<str>],
    report: &mut Report,
) -> FieldChanges {
    FieldChanges {
        only: names(section, "only", report),
        remove: names(section, "remove", report).unwrap_or_default(),
        set: fields(section, "set", of, captures, report),
        add: fields(section, "add", of, captures, report),
    }
}

fn fields(
    section: &mut Section<'_>,
    key: &'static str,
    of: Of,
    captures: &[Box<str>],
    report: &mut Report,
) -> Vec<(HeaderName, RouteTemplate)> {
    let mut fields: Vec<(HeaderName, RouteTemplate)> = Vec::new();
    for (about, name, value) in section.named_values(key, FIELDS, report) {
        let (name, span) = (&**name.get_ref(), name.span());
        let shown = if is_secret_field(name) { Visibility::Hidden } else { Visibility::Value };
        let refuse = |problem: Problem| problem.about(&about).shown_as(shown);
        let field = field(name, &span).and_then(|field| without_claim(field, of, key, &span));
        let value = field_value(&value, of, captures);
        let (field, value) = (report.keep(field.map_err(refuse)), report.keep(value.map_err(refuse)));
        let (Some(field), Some(value)) = (field, value) else { continue };
        if fields.iter().any(|(other, _)| *other == field) {
            let problem = Problem::new(span, "this field is there already");
            report.error(refuse(problem.expecting("each field once, in whichever case")));
        }
        fields.push((field, value));
    }
    fields
}

/// A line more would leave what the client claims in its place.
fn without_claim(field: HeaderName, of: Of, key: &str, span: &Range<usize>) -> Result<HeaderName, Problem> {
    if of == Of::Requests && key == "add" && is_claim(&field) {
        let why = format!("{field} says who the client is or what it asks for, and clients may have sent it");
        return Err(Problem::new(span.clone(), why).expecting("the same in set"));
    }
    Ok(field)
}

fn field_value(value: &Value<'_>, of: Of, captures: &[Box<str>]) -> Result<RouteTemplate, Problem> {
    let read = match of {
        Of::Answers => template_for_answers(value, captures, VALUE)?,
        Of::Requests | Of::Trailers => template(value, captures, VALUE)?,
    };
    match read.constant() {
        Some("") => {
            Err(Problem::new(value.span(), "this is empty").expecting("a value, or the field in remove"))
        }
        _ => Ok(read),
    }
}

fn names(section: &mut Section<'_>, key: &'static str, report: &mut Report) -> Option<Vec<HeaderName>> {
    let path = section.path_to(key);
    let items = section.list(key, report, NAMES)?;
    let read = |value: &Value<'_>| {
        let name = text(value, NAMES).and_then(|name| field(name, &value.span()));
        report.keep(name.map_err(|problem| problem.about(&path)))
    };
    Some(items.get_ref().iter().filter_map(read).collect())
}

/// Reads the name of a field that a route may change.
fn field(name: &str, span: &Range<usize>) -> Result<HeaderName, Problem> {
    let refuse = |why: String| Problem::new(span.clone(), why);
    let field = HeaderName::from_bytes(name.as_bytes()).map_err(|_| {
        refuse(format!("{} is no name of a field", quoted(name))).expecting("a name such as x-user")
    })?;
    match owner(&field) {
        Some(owner) => {
            Err(refuse(format!("{field} is the gateway's own: {owner}")).expecting("another field"))
        }
        None => Ok(field),
    }
}

fn when(value: &Value<'_>) -> Result<When, Problem> {
    choice(WHEN, [("always", When::Always), ("success", When::Success), ("error", When::Error)])(value)
}

/// Reads what is mapped back. Where a path came from that a template has made can't be told.
fn references(value: &Value<'_>, path: &PathRewrite) -> Result<References, Problem> {
    let choices =
        [("target", References::Target), ("rewrite", References::Paths), ("keep", References::Kept)];
    match (choice(REFERENCES, choices)(value)?, path) {
        (References::Target | References::Paths, PathRewrite::Template { .. }) => {
            Err(Problem::new(value.span(), "nothing can be mapped back behind rewrite")
                .expecting("\"keep\", or strip_prefix and add_prefix in place of rewrite"))
        }
        (which, _) => Ok(which),
    }
}
