//! `[log.access]`: the lines for requests.

use super::super::context::Context;
use super::super::model::{AccessFormat, AccessLog, Condition, Detail, Share};
use super::super::report::{Problem, Report};
use super::super::section::Section;
use super::super::values::{self, Value};
use super::destination::destination;
use super::{filter, template};

const ACCESS: &str = "false for no such lines, or a table: [log.access]";
const FORMAT: &str = "\"text\", \"json\", or a template such as \"{client} {method} {path} {status}\"";
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
    match values::text(value, FORMAT)? {
        "text" => Ok(AccessFormat::Text),
        "json" => Ok(AccessFormat::Json),
        template => {
            let template = template::template(template).map_err(|fault| fault.within(value))?;
            Ok(AccessFormat::Template(template))
        }
    }
}

fn condition(value: &Value<'_>) -> Result<Condition, Problem> {
    filter::condition(values::text(value, CONDITION)?).map_err(|fault| fault.within(value))
}
