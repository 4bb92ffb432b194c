//! What a route changes of answers.

use crate::config::model::Answers;
use crate::config::report::Report;
use crate::config::section::Section;

pub(super) fn answers(_section: &mut Section<'_>, _report: &mut Report) -> Answers {
    Answers::default()
}
