//! `[log]`: the form of the log, and where it goes.

use self::access::access;
use self::destination::destination;
use super::context::Context;
use super::model::{AccessLog, Log, LogFormat};
use super::report::Report;
use super::section::Section;
use super::values;

mod access;
mod destination;
mod filter;
mod template;
mod words;

const LOG: &str = "a table: [log]";

pub(super) fn log(root: &mut Section<'_>, context: &Context<'_>, report: &mut Report) -> Log {
    let usual = Log { access: Some(AccessLog::default()), ..Log::default() };
    let Some(mut section) = root.section("log", report, LOG) else { return usual };
    let formats = [("text", LogFormat::Text), ("json", LogFormat::Json)];
    let format = section.read("format", report, values::choice("\"text\" or \"json\"", formats));
    let to = section.read("to", report, |value| destination(value, context));
    let access = access(&mut section, context, report);
    section.finish(report);
    Log { format: format.unwrap_or_default(), to: to.unwrap_or_default(), access }
}
