//! Formats the lines of the access log as tracing-subscriber would, but faster, since most lines of the log are such
//! lines.
//!
//! tracing-subscriber writes each field through `dyn Write` and several wrappers, and computes the date for each line.
//! The code here can be simpler, because a line of the access log has a few kinds of fields only, no span and no
//! colours.

mod json;
mod text;

use std::cell::Cell;
use std::fmt::{self, Debug};
use std::time::SystemTime;

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::FmtContext;
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::registry::LookupSpan;

pub(crate) use json::Json;
pub(crate) use text::Text;

/// The name of the tracing event for each line of the access log. Its target is `access`.
pub(crate) const EVENT: &str = "access log line";

std::thread_local! {
    /// The buffer for a line. It keeps its capacity for the next one.
    static LINE: Cell<String> = const { Cell::new(String::new()) };
}

/// A format for lines.
pub(crate) trait Form {
    fn begin(&self, now: SystemTime, level: Level, target: &str, line: &mut String);

    fn put(&self, name: &str, value: Value<'_>, line: &mut String);

    /// Appends all that is left but the newline.
    fn end(&self, target: &str, line: &mut String);
}

/// The value of a field.
#[derive(Clone, Copy)]
pub(crate) enum Value<'a> {
    Number(u64),
    Quoted(&'a str),
    /// Is written as its `Debug` has it.
    Shown(&'a dyn Debug),
}

/// Writes the fields of an event.
struct Fields<'a, F> {
    form: &'a F,
    line: &'a mut String,
}

impl<F: Form> Visit for Fields<'_, F> {
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.form.put(field.name(), Value::Number(value), self.line);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.form.put(field.name(), Value::Quoted(value), self.line);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.form.put(field.name(), Value::Shown(value), self.line);
    }
}

/// Formats events of the access log with `form`, and all others with `usual`.
#[derive(Debug)]
pub(crate) struct Fast<F, U> {
    pub(crate) form: F,
    pub(crate) usual: U,
}

impl<S, N, F, U> FormatEvent<S, N> for Fast<F, U>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
    F: Form,
    U: FormatEvent<S, N>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let is_plain =
            event.metadata().name() == EVENT && !writer.has_ansi_escapes() && context.parent_span().is_none();
        if !is_plain {
            return self.usual.format_event(context, writer, event);
        }
        let mut line = LINE.take();
        line.clear();
        let (level, target) = (*event.metadata().level(), event.metadata().target());
        self.form.begin(SystemTime::now(), level, target, &mut line);
        event.record(&mut Fields { form: &self.form, line: &mut line });
        self.form.end(target, &mut line);
        line.push('\n');
        let written = writer.write_str(&line);
        LINE.set(line);
        written
    }
}

/// The name of a level, as [`tracing::Level`] displays it, but without going through a formatter.
fn name_of(level: Level) -> &'static str {
    match level {
        Level::ERROR => "ERROR",
        Level::WARN => "WARN",
        Level::INFO => "INFO",
        Level::DEBUG => "DEBUG",
        Level::TRACE => "TRACE",
    }
}

#[cfg(test)]
mod tests;
