//! `[log.access]`: the lines for requests.

use super::super::context::Context;
use super::super::model::{AccessFormat, AccessLog, Condition, Detail, Part, Share};
use super::super::report::{Problem, Report};
use super::super::section::Section;
use super::super::values::{self, Value};
use super::destination::destination;
use super::{filter, template};

const ACCESS: &str = "false for no such lines, or a table: [log.access]";
const FORMAT: &str =
    "\"text\", \"json\", \"combined\", or a template such as \"{client} {method} {path} {status}\"";
/// The Combined Log Format of Apache and nginx, without the query.
const COMBINED: &str = r#"{client} - {user} [{time_clf}] "{method} {path} {protocol}" {status} {bytes} "{referrer}" "{user_agent}""#;
const CONDITION: &str = "a condition such as \"status >= 500 or duration > 1s\"";

pub(super) fn access(log: &mut Section<'_>, context: &Context<'_>, report: &mut Report) -> Option<AccessLog> {
    let usual = AccessLog::default();
    let Some(value) = log.take("access") else { return Some(usual) };
    if values::is_false(&value) {
        return None;
    }
    let Some(mut section) = report.keep(Section::open(log.path_to("access"), value, ACCESS)) else {
        return Some(usual);
    };
    let details = [("usual", Detail::Usual), ("full", Detail::Full)];
    let access = AccessLog {
        format: section.read("format", report, format),
        to: section.read("to", report, |value| destination(value, context)),
        fields: section.read("fields", report, values::choice("\"usual\" or \"full\"", details)),
        user_agent: section.read("user_agent", report, values::boolean).unwrap_or(usual.user_agent),
        referrer: section.read("referrer", report, values::boolean).unwrap_or(usual.referrer),
        only: section.read("only", report, condition),
        sample: section.read("sample", report, values::share).map_or(usual.sample, Share),
        always: section.read("always", report, condition),
    };
    section.finish(report);
    Some(access)
}

fn format(value: &Value<'_>) -> Result<AccessFormat, Problem> {
    let template = match values::text(value, FORMAT)? {
        "text" => return Ok(AccessFormat::Text),
        "json" => return Ok(AccessFormat::Json),
        "combined" => COMBINED,
        template => template,
    };
    let template = template::template(template).map_err(|fault| fault.within(value))?;
    if template.parts.iter().any(|part| matches!(part, Part::Field(_))) {
        return Ok(AccessFormat::Template(template));
    }
    Err(Problem::new(value.span(), "there is no field in it, so that each line would be the same")
        .expecting(FORMAT))
}

fn condition(value: &Value<'_>) -> Result<Condition, Problem> {
    filter::condition(values::text(value, CONDITION)?).map_err(|fault| fault.within(value))
}
