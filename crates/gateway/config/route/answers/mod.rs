//! What a route changes of answers.

mod compression;
mod cors;
mod errors;
mod security;

pub(in crate::config) use self::errors::common_errors;
use crate::config::context::Context;
use crate::config::model::{Answers, Matching};
use crate::config::report::Report;
use crate::config::route::misplaced::OwnAnswer;
use crate::config::section::Section;

/// Reads what a route changes of answers. `own` is how it answers requests itself, if it does.
pub(super) fn answers(
    route: &mut Section<'_>,
    (matching, own): (&Matching, Option<OwnAnswer>),
    context: &Context<'_>,
    report: &mut Report,
) -> Answers {
    Answers {
        errors: errors::errors(route, own, context, report),
        compression: compression::compression(route, report),
        cors: cors::cors(route, matching, report),
        security_headers: security::security_headers(route, report),
    }
}
