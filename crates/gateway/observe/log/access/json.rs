use std::fmt::{self, Debug, Write};
use std::time::SystemTime;

use tracing::Event;
use tracing::field::{Field, Visit};

use super::{Form, name_of};
use crate::observe::log::clock;

/// The format `--log-format json`: one JSON object for each line, with the fields as members.
#[derive(Debug)]
pub(crate) struct Json;

impl Form for Json {
    fn write(&self, now: SystemTime, event: &Event<'_>, line: &mut String) {
        line.push_str(r#"{"timestamp":""#);
        clock::push(now, line);
        for text in [r#"","level":""#, name_of(*event.metadata().level()), "\""] {
            line.push_str(text);
        }
        event.record(&mut Fields { line });
        for text in [r#","target":""#, event.metadata().target(), "\"}"] {
            line.push_str(text);
        }
    }
}

struct Fields<'a> {
    line: &'a mut String,
}

impl Fields<'_> {
    fn begin(&mut self, field: &Field) {
        self.line.push_str(",\"");
        self.line.push_str(field.name());
        self.line.push_str("\":");
    }
}

impl Visit for Fields<'_> {
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.begin(field);
        self.line.push_str(itoa::Buffer::new().format(value));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.begin(field);
        self.line.push('"');
        let _a_string_takes_all = Escaping { line: self.line }.write_str(value);
        self.line.push('"');
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.begin(field);
        self.line.push('"');
        let _a_string_takes_all = write!(Escaping { line: self.line }, "{value:?}");
        self.line.push('"');
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
