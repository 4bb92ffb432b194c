//! `respond`: the same answer to every request.

use http::header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, TE, TRAILER, TRANSFER_ENCODING, UPGRADE};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use toml::de::DeValue;

use super::content::content;
use crate::config::context::Context;
use crate::config::model::Respond;
use crate::config::report::{Problem, Report};
use crate::config::section::Section;
use crate::config::values::{self, Value, quoted};

const RESPOND: &str = "a status such as 404, or a table such as { status = 200, body = \"ok\" }";
const HEADERS: &str = "a table such as { cache-control = \"no-store\" }";
const NAME: &str = "the name of a header, such as \"cache-control\"";
const TEXT: &str = "visible characters in ASCII";

/// Fields that frame the message, or that another key sets.
static NOT_OURS: [HeaderName; 7] =
    [CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, TE, TRAILER, TRANSFER_ENCODING, UPGRADE];

/// Statuses of answers that have no body (RFC 9110 §15).
const BODILESS: [StatusCode; 3] =
    [StatusCode::NO_CONTENT, StatusCode::RESET_CONTENT, StatusCode::NOT_MODIFIED];

/// Reads `respond`: a status, or a table. `None` if it isn't there, or isn't valid.
pub(in crate::config::route) fn respond(
    route: &mut Section<'_>,
    context: &Context<'_>,
    report: &mut Report,
) -> Option<Respond> {
    let value = route.take("respond")?;
    let path = route.path_to("respond");
    if let DeValue::Integer(_) = value.get_ref() {
        return report.keep(status(&value).map(Respond::new).map_err(|problem| problem.about(&path)));
    }
    let mut section = report.keep(Section::open(path, value, RESPOND))?;
    let status = section.read("status", report, status).unwrap_or(StatusCode::OK);
    if BODILESS.contains(&status) && (section.has("body") || section.has("file")) {
        let message = format!("has a body, which no answer of status {} has", status.as_u16());
        report.error(section.problem(message).expecting("another status, or neither body nor file"));
    }
    let content = content(&mut section, context, report);
    let headers = headers(&mut section, report);
    section.finish(report);
    Some(Respond { status, content, headers })
}

fn status(value: &Value<'_>) -> Result<StatusCode, Problem> {
    let number: u16 = values::count(200..=599)(value)?;
    StatusCode::from_u16(number)
        .map_err(|_| Problem::new(value.span(), "this is no status").expecting(RESPOND))
}

fn headers(section: &mut Section<'_>, report: &mut Report) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let Some(mut fields) = section.section("headers", report, HEADERS) else { return headers };
    for (name, value) in fields.take_named(|_| true) {
        let path = fields.path_to(name.get_ref());
        let field = HeaderName::from_bytes(name.get_ref().as_bytes())
            .ok()
            .filter(|field| !NOT_OURS.contains(field))
            .ok_or_else(|| {
                Problem::new(name.span(), format!("{} can't be set here", quoted(name.get_ref())))
                    .expecting(NAME)
            });
        let value = values::text(&value, TEXT).and_then(|text| {
            HeaderValue::from_str(text)
                .map_err(|_| Problem::new(value.span(), format!("found {}", quoted(text))).expecting(TEXT))
        });
        let value = report.keep(value.map_err(|problem| problem.about(&path)));
        if let (Some(field), Some(value)) = (report.keep(field), value) {
            headers.append(field, value);
        }
    }
    headers
}
