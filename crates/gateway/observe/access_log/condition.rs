//! Whether a condition is true of a request.

use std::time::Duration;

use super::value::Text;
use crate::config::{Condition, LogField, NumberField, StageField};
use crate::observe::request::Finished;

/// Whether the condition is true of the request. A field without a value compares with nothing.
pub(super) fn holds(condition: &Condition, of: &Finished<'_>) -> bool {
    match condition {
        Condition::Any(any) => any.iter().any(|condition| holds(condition, of)),
        Condition::All(all) => all.iter().all(|condition| holds(condition, of)),
        Condition::Not(condition) => !holds(condition, of),
        Condition::Has(field) => has(*field, of),
        Condition::Number(field, comparison, with) => comparison.holds(&number(*field, of), with),
        Condition::Stage(field, comparison, with) => {
            stage(*field, of).is_some_and(|time| comparison.holds(&time, with))
        }
        Condition::Text(field, so) => Text::of(*field, of).is_some_and(|text| text.is(so)),
    }
}

fn has(field: LogField, of: &Finished<'_>) -> bool {
    match field {
        LogField::Time | LogField::CommonTime | LogField::Number(_) => true,
        LogField::Text(field) => Text::of(field, of).is_some(),
        LogField::Seconds(field) | LogField::Micros(field) => stage(field, of).is_some(),
    }
}

pub(super) fn number(field: NumberField, of: &Finished<'_>) -> u64 {
    match field {
        NumberField::Status => of.status.as_u16().into(),
        NumberField::Bytes => of.bytes_out,
        NumberField::BytesIn => of.bytes_in,
        NumberField::Tries => of.tries.into(),
    }
}

pub(super) fn stage(field: StageField, of: &Finished<'_>) -> Option<Duration> {
    let stages = &of.stages;
    match field {
        StageField::Duration => Some(stages.total),
        StageField::Head => stages.first_byte,
        StageField::Connect => stages.connect,
        StageField::Send => stages.send,
        StageField::Body => stages.body,
    }
}
