//! `AccessLog`: whether a request gets a line, and which way the line goes.

use super::choice::Choice;
use super::event;
use super::fields::Fields;
use super::own::{Form, Own};
use super::wants::Wants;
use crate::config::{self, AccessFormat, LogFormat};
use crate::observe::log::Intake;
use crate::observe::request::Finished;

/// Writes a line for each request that is to have one.
#[derive(Clone, Debug, Default)]
pub(crate) struct AccessLog {
    choice: Choice,
    way: Way,
    wants: Wants,
}

/// The way of a line.
#[derive(Clone, Debug)]
enum Way {
    Nowhere,
    /// As a tracing event with the target `access` and level INFO.
    Event(Fields),
    Own(Own),
}

impl Default for Way {
    fn default() -> Self {
        Self::Event(Fields::default())
    }
}

impl AccessLog {
    /// The log that is configured. Lines that tracing can't write go into `queue`. Without one, all lines are events.
    pub(crate) fn of(config: &config::Log, queue: Option<Intake>) -> Self {
        let Some(access) = &config.access else { return Self { way: Way::Nowhere, ..Self::default() } };
        let (choice, form) = (Choice::of(access), Form::of(access, config.format));
        let wants = choice.conditions().fold(form.wants(), Wants::and_condition);
        let way = match queue.filter(|_| is_own(access, config.format)) {
            Some(queue) => Way::Own(Own::new(form, queue)),
            None => Way::Event(form.fields()),
        };
        Self { choice, way, wants }
    }

    /// What has to be kept of each request.
    pub(in crate::observe) fn wants(&self) -> Wants {
        self.wants
    }

    pub(in crate::observe) fn write(&self, finished: &Finished<'_>) {
        match &self.way {
            Way::Nowhere => {}
            Way::Event(fields) if self.choice.has(finished) => event::write(finished, fields),
            Way::Own(own) if self.choice.has(finished) => own.write(finished),
            Way::Event(_) | Way::Own(_) => {}
        }
    }
}

/// Whether the lines differ from those of the log in form or destination.
fn is_own(access: &config::AccessLog, log: LogFormat) -> bool {
    access.to.is_some()
        || match access.format {
            None => false,
            Some(AccessFormat::Text) => log != LogFormat::Text,
            Some(AccessFormat::Json) => log != LogFormat::Json,
            Some(AccessFormat::Template(_)) => true,
        }
}
