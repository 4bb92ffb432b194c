//! Which headers have to be kept until a request has ended.

use crate::config::{Condition, LogField, Part, Template, TextField};

/// Which headers of each request have to be kept until it has ended. Without a wish nothing is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wants {
    pub(crate) host: bool,
    pub(crate) user_agent: bool,
    pub(crate) referrer: bool,
}

impl Wants {
    pub(super) fn and_condition(self, condition: &Condition) -> Self {
        match condition {
            Condition::Any(all) | Condition::All(all) => all.iter().fold(self, Self::and_condition),
            Condition::Not(condition) => self.and_condition(condition),
            Condition::Has(LogField::Text(field)) | Condition::Text(field, _) => self.and_field(*field),
            Condition::Has(_) | Condition::Number(..) | Condition::Stage(..) => self,
        }
    }

    pub(super) fn and_template(self, template: &Template) -> Self {
        template.parts.iter().fold(self, |wants, part| match part {
            Part::Field(LogField::Text(field)) => wants.and_field(*field),
            _ => wants,
        })
    }

    pub(super) fn and_field(self, field: TextField) -> Self {
        match field {
            TextField::Host => Self { host: true, ..self },
            TextField::UserAgent => Self { user_agent: true, ..self },
            TextField::Referrer => Self { referrer: true, ..self },
            _ => self,
        }
    }
}
