//! Texts with values of a request in them: what they are for this request.

mod facts;
mod place;
#[cfg(test)]
mod tests;

use std::fmt::Write as _;

use axum::http::{HeaderValue, Response};
use bytes::BytesMut;
use proxy_service::Upstream;

pub(crate) use self::facts::Facts;
pub(crate) use self::place::{Place, encode_name};
use crate::config::{RoutePart, RouteTemplate, RouteValue};

/// Appends the text for this request. Values are written as it is right at the place.
pub(crate) fn write(template: &RouteTemplate, facts: &Facts<'_>, place: Place, out: &mut BytesMut) {
    for part in template.parts() {
        write_part(part, facts, place, out);
    }
}

/// Appends a path or a URL for this request. Behind a `?` of the template's own begins its query.
pub(crate) fn write_target(template: &RouteTemplate, facts: &Facts<'_>, out: &mut BytesMut) {
    let mut place = Place::Path;
    for part in template.parts() {
        write_part(part, facts, place, out);
        if matches!(part, RoutePart::Text(text) if text.contains('?')) {
            place = Place::Query;
        }
    }
}

fn write_part(part: &RoutePart, facts: &Facts<'_>, place: Place, out: &mut BytesMut) {
    match part {
        RoutePart::Text(text) => out.extend_from_slice(text.as_bytes()),
        RoutePart::Value(value) => {
            let begin = out.len();
            facts.put(value, out);
            place.encode(value, begin, out);
        }
    }
}

/// The text for this request, as the value of a header. It is empty if some value can't stand in one.
pub(crate) fn header_value(template: &RouteTemplate, facts: &Facts<'_>) -> HeaderValue {
    let mut text = BytesMut::new();
    write(template, facts, Place::Header, &mut text);
    as_header(template, text)
}

fn as_header(template: &RouteTemplate, text: BytesMut) -> HeaderValue {
    let value = HeaderValue::from_maybe_shared(text.freeze());
    let mut value = value.unwrap_or_else(|_| HeaderValue::from_static(""));
    value.set_sensitive(template.values().any(is_secret));
    value
}

/// Whether a value may be a secret of its sender. Then it isn't put into HTTP/2's tables.
fn is_secret(value: &RouteValue) -> bool {
    match value {
        RouteValue::Cookie(_) => true,
        RouteValue::Header(name) => matches!(name.as_str(), "authorization" | "cookie"),
        _ => false,
    }
}

/// What a text for an answer needs of its request, which is gone by then.
#[derive(Clone, Debug, Default)]
pub(crate) struct Prepared {
    /// The values, one after the other.
    values: BytesMut,
    /// The end of each.
    ends: Vec<usize>,
}

impl Prepared {
    pub(crate) fn of(template: &RouteTemplate, facts: &Facts<'_>) -> Self {
        let mut prepared = Self::default();
        for value in template.values().filter(|value| !value.is_of_the_answer()) {
            facts.put(value, &mut prepared.values);
            prepared.ends.push(prepared.values.len());
        }
        prepared
    }

    /// The text for this answer, as the value of a header. It is empty if some value can't stand in one.
    pub(crate) fn header_value<B>(&self, template: &RouteTemplate, response: &Response<B>) -> HeaderValue {
        let (mut text, mut begin, mut ends) = (BytesMut::new(), 0, self.ends.iter());
        for part in template.parts() {
            match part {
                RoutePart::Text(plain) => text.extend_from_slice(plain.as_bytes()),
                RoutePart::Value(RouteValue::Status) => {
                    text.extend_from_slice(response.status().as_str().as_bytes())
                }
                RoutePart::Value(RouteValue::Upstream) => {
                    if let Some(upstream) = response.extensions().get::<Upstream>() {
                        let _a_buffer_takes_all = write!(text, "{}", upstream.target());
                    }
                }
                RoutePart::Value(_) => {
                    let end = ends.next().copied().unwrap_or(begin);
                    text.extend_from_slice(self.values.get(begin..end).unwrap_or_default());
                    begin = end;
                }
            }
        }
        as_header(template, text)
    }
}
