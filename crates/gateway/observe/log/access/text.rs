use std::fmt::Write as _;
use std::time::SystemTime;

use tracing::Level;

use super::{Form, Value, name_of};
use crate::observe::log::clock;

/// The format `--log-format text`, which tracing-subscriber calls `Full`.
#[derive(Debug)]
pub(crate) struct Text;

impl Form for Text {
    fn begin(&self, now: SystemTime, level: Level, target: &str, line: &mut String) {
        clock::push(now, line);
        let level = name_of(level);
        // Levels are aligned to five columns.
        line.push_str(if level.len() < 5 { "  " } else { " " });
        for text in [level, " ", target, ":"] {
            line.push_str(text);
        }
    }

    fn put(&self, name: &str, value: Value<'_>, line: &mut String) {
        for text in [" ", name, "="] {
            line.push_str(text);
        }
        match value {
            Value::Number(number) => line.push_str(itoa::Buffer::new().format(number)),
            Value::Quoted(text) if text.bytes().all(is_plain) => {
                for text in ["\"", text, "\""] {
                    line.push_str(text);
                }
            }
            Value::Quoted(text) => show(&text, line),
            Value::Shown(value) => show(value, line),
        }
    }

    fn end(&self, _: &str, _: &mut String) {}
}

fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\'
}

fn show(value: &dyn std::fmt::Debug, line: &mut String) {
    let _a_string_takes_all = write!(line, "{value:?}");
}
