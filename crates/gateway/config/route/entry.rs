//! Who may enter a route.

use crate::config::context::Context;
use crate::config::model::Entry;
use crate::config::report::Report;
use crate::config::section::Section;
use crate::config::tokens::admin_tokens;

pub(super) fn entry(section: &mut Section<'_>, context: &Context<'_>, report: &mut Report) -> Entry {
    Entry { admin_tokens: admin_tokens(section, context, report) }
}
