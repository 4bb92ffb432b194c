use std::fmt::{Debug, Write as _};
use std::time::SystemTime;

use tracing::Event;
use tracing::field::{Field, Visit};

use super::{Form, name_of};
use crate::observe::log::clock;

/// The format `--log-format text`, which tracing-subscriber calls `Full`.
#[derive(Debug)]
pub(crate) struct Text;

impl Form for Text {
    fn write(&self, now: SystemTime, event: &Event<'_>, line: &mut String) {
        clock::push(now, line);
        let (level, target) = (name_of(*event.metadata().level()), event.metadata().target());
        // Levels are aligned to five columns.
        line.push_str(if level.len() < 5 { "  " } else { " " });
        for text in [level, " ", target, ":"] {
            line.push_str(text);
        }
        event.record(&mut Fields { line });
    }
}

struct Fields<'a> {
    line: &'a mut String,
}

impl Fields<'_> {
    fn begin(&mut self, field: &Field) {
        self.line.push(' ');
        self.line.push_str(field.name());
        self.line.push('=');
    }
}

impl Visit for Fields<'_> {
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.begin(field);
        self.line.push_str(itoa::Buffer::new().format(value));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        let is_plain = |byte| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\';
        if !value.bytes().all(is_plain) {
            return self.record_debug(field, &value);
        }
        self.begin(field);
        self.line.push('"');
        self.line.push_str(value);
        self.line.push('"');
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.begin(field);
        let _a_string_takes_all = write!(self.line, "{value:?}");
    }
}
