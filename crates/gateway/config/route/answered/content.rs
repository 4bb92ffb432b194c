//! A body that stands in the file, or in a file of its own that is read with it.

use bytes::Bytes;
use http::HeaderValue;

use crate::config::context::Context;
use crate::config::files;
use crate::config::model::Content;
use crate::config::report::{Problem, Report};
use crate::config::section::Section;
use crate::config::values::{self, Value, quoted};

const BODY: &str = "a text";
const FILE: &str = "the path of a file of at most 1 MiB";
const TYPE: &str = "a media type, such as \"text/html; charset=utf-8\"";

/// Reads `body` or `file`, and `content_type`. `None` if there is neither.
pub(in crate::config::route) fn content(
    section: &mut Section<'_>,
    context: &Context<'_>,
    report: &mut Report,
) -> Option<Content> {
    if section.has("body") && section.has("file") {
        report.error(section.problem("has body and file").expecting("one of them"));
    }
    if section.has("content_type") && !section.has("body") && !section.has("file") {
        report.error(section.problem("has a content_type of nothing").expecting("body or file as well"));
    }
    let body = section.read("body", report, |value| {
        values::text(value, BODY).map(|text| Content { bytes: text.to_owned().into(), media_type: PLAIN })
    });
    let file = section.read("file", report, |value| file(value, context));
    let media_type = section.read("content_type", report, media_type);
    let content = body.or(file)?;
    Some(Content { media_type: media_type.unwrap_or(content.media_type), ..content })
}

const PLAIN: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

/// Reads the file that a value names. What it is, the end of its name says.
pub(in crate::config::route) fn file(value: &Value<'_>, context: &Context<'_>) -> Result<Content, Problem> {
    let name = values::text(value, FILE)?;
    let bytes = files::read(&context.path(name)).map_err(|error| {
        Problem::new(value.span(), format!("the file {} can't be read: {error}", quoted(name)))
            .expecting(FILE)
    })?;
    Ok(Content { media_type: media_type_of(name, &bytes), bytes: bytes.into() })
}

/// What the end of a file's name says. Text of which every byte is UTF-8 is said to be UTF-8.
fn media_type_of(name: &str, bytes: &[u8]) -> HeaderValue {
    let guessed = mime_guess::from_path(name).first_raw().unwrap_or("application/octet-stream");
    if guessed.starts_with("text/") && std::str::from_utf8(bytes).is_ok() {
        let text = Bytes::from(format!("{guessed}; charset=utf-8"));
        return HeaderValue::from_maybe_shared(text).expect("media types are visible ASCII");
    }
    HeaderValue::from_static(guessed)
}

fn media_type(value: &Value<'_>) -> Result<HeaderValue, Problem> {
    let text = values::text(value, TYPE)?;
    let refuse = || Problem::new(value.span(), format!("found {}", quoted(text))).expecting(TYPE);
    match HeaderValue::from_str(text) {
        Ok(value)
            if text.split_once('/').is_some_and(|(kind, rest)| !kind.is_empty() && !rest.is_empty()) =>
        {
            Ok(value)
        }
        _ => Err(refuse()),
    }
}
