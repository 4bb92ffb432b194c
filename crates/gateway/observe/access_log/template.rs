//! Writes a line of one's own.

use std::fmt::{Display, Write as _};
use std::time::{Duration, SystemTime};

use super::condition::{number, stage};
use super::shown::micros;
use super::value::Text;
use crate::config::{LogField, Part, Template};
use crate::observe::log::clock;
use crate::observe::request::Finished;

/// Appends the line of a request. A field without a value is `-`.
pub(super) fn write(template: &Template, finished: &Finished<'_>, now: SystemTime, line: &mut String) {
    for part in &template.parts {
        match part {
            Part::Text(text) => line.push_str(text),
            Part::Field(field) => put(*field, finished, now, line),
        }
    }
}

fn put(field: LogField, finished: &Finished<'_>, now: SystemTime, line: &mut String) {
    match field {
        LogField::Time => clock::push(now, line),
        LogField::CommonTime => clock::push_common(now, line),
        LogField::Text(field) => put_known(Text::of(field, finished), line, push_shown),
        LogField::Number(field) => push_number(number(field, finished), line),
        LogField::Seconds(field) => put_known(stage(field, finished), line, push_seconds),
        LogField::Micros(field) => {
            put_known(stage(field, finished), line, |time, line| push_number(micros(time), line));
        }
    }
}

fn put_known<T>(value: Option<T>, line: &mut String, push: impl FnOnce(T, &mut String)) {
    match value {
        Some(value) => push(value, line),
        None => line.push('-'),
    }
}

fn push_shown(value: impl Display, line: &mut String) {
    let _a_string_takes_all = write!(line, "{value}");
}

fn push_number(number: u64, line: &mut String) {
    line.push_str(itoa::Buffer::new().format(number));
}

/// Seconds with six decimals, as nginx has them with three.
fn push_seconds(time: Duration, line: &mut String) {
    let _a_string_takes_all = write!(line, "{}.{:06}", time.as_secs(), time.subsec_micros());
}
