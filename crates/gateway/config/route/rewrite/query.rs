//! What becomes of a query: `query_rewrite`.

use super::super::template::template;
use crate::config::model::{QueryRewrite, RoutePart, RouteTemplate};
use crate::config::report::{Problem, Report};
use crate::config::section::Section;
use crate::config::values::{Value, text};

const CHANGES: &str = "a table of changes: { set = { NAME = \"VALUE\" }, add = {}, remove = [\"NAME\"] }";
const PARAMETERS: &str = "a table of parameters, such as { user = \"{path.id}\" }";
const VALUE: &str = "a value as it stands in a query, such as \"{path.id}\" or \"a%20b\"";
const NAMES: &str = "a list of names, such as [\"debug\"]";

pub(super) fn query(section: &mut Section<'_>, captures: &[Box<str>], report: &mut Report) -> QueryRewrite {
    let Some(mut inner) = section.section("query_rewrite", report, CHANGES) else {
        return QueryRewrite::default();
    };
    let remove = names(&mut inner, report);
    let mut parameters = |key| {
        let mut parameters = Vec::new();
        for (about, name, value) in inner.named_values(key, PARAMETERS, report) {
            let template = parameter(&value, captures).map_err(|problem| problem.about(&about));
            if let Some(template) = report.keep(template) {
                parameters.push((name.into_inner().into_owned(), template));
            }
        }
        parameters
    };
    let (set, add) = (parameters("set"), parameters("add"));
    inner.finish(report);
    QueryRewrite { remove, set, add }
}

fn names(section: &mut Section<'_>, report: &mut Report) -> Vec<String> {
    let path = section.path_to("remove");
    let Some(items) = section.list("remove", report, NAMES) else { return Vec::new() };
    let read = |value: &Value<'_>| {
        let name = text(value, NAMES).map(str::to_owned);
        report.keep(name.map_err(|problem| problem.about(&path)))
    };
    items.get_ref().iter().filter_map(read).collect()
}

/// Reads a value. Its own text stands in the query as it is, so it has to be one.
fn parameter(value: &Value<'_>, captures: &[Box<str>]) -> Result<RouteTemplate, Problem> {
    let template = template(value, captures, VALUE)?;
    let is_value =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic() && !b"&#\"<>`{}|\\^".contains(&byte));
    let is_plain = template.parts().iter().all(|part| match part {
        RoutePart::Text(text) => is_value(text),
        RoutePart::Value(_) => true,
    });
    match is_plain {
        true => Ok(template),
        false => Err(Problem::new(value.span(), "this can't stand in a query as it is").expecting(VALUE)),
    }
}
