//! What a route changes of header fields.

use crate::config::model::Headers;
use crate::config::report::Report;
use crate::config::section::Section;

pub(super) fn headers(_section: &mut Section<'_>, _report: &mut Report) -> Headers {
    Headers::default()
}
