//! A line with a form or a destination of its own. It doesn't go through tracing, and no filter of the log applies.

use std::cell::Cell;
use std::time::SystemTime;

use tracing::Level;

use super::fields::Fields;
use super::template;
use super::wants::Wants;
use crate::config::{self, AccessFormat, LogFormat, Template};
use crate::observe::log::{Form as _, Intake, Json, Text};
use crate::observe::request::Finished;

std::thread_local! {
    /// The buffer for a line. It keeps its capacity for the next one.
    static LINE: Cell<String> = const { Cell::new(String::new()) };
}

/// Makes lines, and puts them into a queue.
#[derive(Clone, Debug)]
pub(super) struct Own {
    form: Form,
    queue: Intake,
}

/// What a line looks like.
#[derive(Clone, Debug)]
pub(super) enum Form {
    Text(Fields),
    Json(Fields),
    Template(Template),
}

impl Own {
    pub(super) fn new(form: Form, queue: Intake) -> Self {
        Self { form, queue }
    }

    pub(super) fn write(&self, finished: &Finished<'_>) {
        let mut line = LINE.take();
        line.clear();
        self.form.write(finished, SystemTime::now(), &mut line);
        line.push('\n');
        self.queue.take(line.as_bytes());
        LINE.set(line);
    }
}

impl Form {
    pub(super) fn of(access: &config::AccessLog, log: LogFormat) -> Self {
        let fields = |format| Fields::of(access, format);
        match (&access.format, log) {
            (Some(AccessFormat::Template(template)), _) => Self::Template(template.clone()),
            (Some(AccessFormat::Text), _) | (None, LogFormat::Text) => Self::Text(fields(LogFormat::Text)),
            (Some(AccessFormat::Json), _) | (None, LogFormat::Json) => Self::Json(fields(LogFormat::Json)),
        }
    }

    /// The fields of the same line as an event, whose form isn't ours to choose.
    pub(super) fn fields(&self) -> Fields {
        match self {
            Self::Text(fields) | Self::Json(fields) => *fields,
            Self::Template(_) => Fields::default(),
        }
    }

    pub(super) fn wants(&self) -> Wants {
        match self {
            Self::Text(fields) | Self::Json(fields) => {
                let Fields { full, user_agent, referrer } = *fields;
                Wants { host: full, user_agent, referrer }
            }
            Self::Template(template) => Wants::default().and_template(template),
        }
    }

    pub(super) fn write(&self, finished: &Finished<'_>, now: SystemTime, line: &mut String) {
        const TARGET: &str = "access";
        match self {
            Self::Text(fields) => {
                Text.begin(now, Level::INFO, TARGET, line);
                fields.each(finished, &mut |name, value| Text.put(name, value, line));
                Text.end(TARGET, line);
            }
            Self::Json(fields) => {
                Json.begin(now, Level::INFO, TARGET, line);
                fields.each(finished, &mut |name, value| Json.put(name, value, line));
                Json.end(TARGET, line);
            }
            Self::Template(template) => template::write(template, finished, now, line),
        }
    }
}
