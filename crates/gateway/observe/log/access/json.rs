use std::fmt::{self, Write};
use std::time::SystemTime;

use tracing::Level;

use super::{Form, Value, name_of};
use crate::observe::log::clock;

/// The format `--log-format json`: one JSON object for each line, with the fields as members.
#[derive(Debug)]
pub(crate) struct Json;

impl Form for Json {
    fn begin(&self, now: SystemTime, level: Level, _: &str, line: &mut String) {
        line.push_str(r#"{"timestamp":""#);
        clock::push(now, line);
        for text in [r#"","level":""#, name_of(level), "\""] {
            line.push_str(text);
        }
    }

    fn put(&self, name: &str, value: Value<'_>, line: &mut String) {
        for text in [",\"", name, "\":"] {
            line.push_str(text);
        }
        if let Value::Number(number) = value {
            return line.push_str(itoa::Buffer::new().format(number));
        }
        line.push('"');
        let mut escaping = Escaping { line };
        let _a_string_takes_all = match value {
            Value::Quoted(text) => escaping.write_str(text),
            Value::Shown(value) => write!(escaping, "{value:?}"),
            Value::Number(_) => Ok(()),
        };
        line.push('"');
    }

    fn end(&self, target: &str, line: &mut String) {
        for text in [r#","target":""#, target, "\"}"] {
            line.push_str(text);
        }
    }
}

/// Writes text into a JSON string, and escapes what must be escaped (RFC 8259 §7).
struct Escaping<'a> {
    line: &'a mut String,
}

impl Write for Escaping<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let needs_escape = |byte| byte < b' ' || byte == b'"' || byte == b'\\';
        if !text.bytes().any(needs_escape) {
            self.line.push_str(text);
            return Ok(());
        }
        text.chars().try_for_each(|c| self.write_char(c))
    }

    fn write_char(&mut self, c: char) -> fmt::Result {
        match c {
            '"' => self.line.push_str("\\\""),
            '\\' => self.line.push_str("\\\\"),
            '\n' => self.line.push_str("\\n"),
            '\r' => self.line.push_str("\\r"),
            '\t' => self.line.push_str("\\t"),
            '\u{8}' => self.line.push_str("\\b"),
            '\u{c}' => self.line.push_str("\\f"),
            '\0'..' ' => write!(self.line, "\\u{:04x}", u32::from(c))?,
            _ => self.line.push(c),
        }
        Ok(())
    }
}
