//! What a route changes of answers.

mod compression;
mod cors;
mod errors;
mod security;

use crate::config::context::Context;
use crate::config::model::Answers;
use crate::config::report::Report;
use crate::config::section::Section;

pub(super) fn answers(route: &mut Section<'_>, context: &Context<'_>, report: &mut Report) -> Answers {
    Answers {
        errors: errors::errors(route, context, report),
        compression: compression::compression(route, report),
        cors: cors::cors(route, report),
        security_headers: security::security_headers(route, report),
    }
}
