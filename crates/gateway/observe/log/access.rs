//! Formats the lines of the access log as tracing-subscriber would, but faster, since most lines of the log are such
//! lines.
//!
//! tracing-subscriber writes each field through `dyn Write` and several wrappers, and computes the date for each line.
//! The code here can be simpler, because a line of the access log has a few kinds of fields only, no span and no
//! colours.

mod json;
mod text;

use std::cell::Cell;
use std::fmt;
use std::time::SystemTime;

use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::FmtContext;
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::registry::LookupSpan;

pub(super) use json::Json;
pub(super) use text::Text;

use crate::observe::access_log::EVENT;

std::thread_local! {
    /// The buffer for a line. It keeps its capacity for the next one.
    static LINE: Cell<String> = const { Cell::new(String::new()) };
}

/// A format for lines. It writes all of an event except the newline.
pub(super) trait Form {
    fn write(&self, now: SystemTime, event: &Event<'_>, line: &mut String);
}

/// Formats events of the access log with `form`, and all others with `usual`.
#[derive(Debug)]
pub(super) struct Fast<F, U> {
    pub(super) form: F,
    pub(super) usual: U,
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
        self.form.write(SystemTime::now(), event, &mut line);
        line.push('\n');
        let written = writer.write_str(&line);
        LINE.set(line);
        written
    }
}

/// The name of a level, as [`tracing::Level`] displays it, but without going through a formatter.
fn name_of(level: tracing::Level) -> &'static str {
    match level {
        tracing::Level::ERROR => "ERROR",
        tracing::Level::WARN => "WARN",
        tracing::Level::INFO => "INFO",
        tracing::Level::DEBUG => "DEBUG",
        tracing::Level::TRACE => "TRACE",
    }
}

#[cfg(test)]
mod tests;
