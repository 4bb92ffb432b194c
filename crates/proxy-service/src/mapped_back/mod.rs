//! References in answers: an upstream that doesn't know how it is reached from outside names itself. What it names is
//! mapped back to what the client asked for.

mod cookie;
mod outside;
mod refresh;
#[cfg(test)]
mod tests;
mod way;
mod which;

use http::header::{HeaderMap, HeaderValue};
use http::request::Parts;

use crate::headers::kinds::Reference;
use crate::received::Received;
use crate::settings::Settings;
use way::Way;
pub use which::{MapBack, References};

/// Maps the references of an answer to this request.
pub(crate) fn map(headers: &mut HeaderMap, parts: &Parts, settings: &Settings) {
    let received = Received::from(parts);
    let which = received.route.map_back_or(settings.map_back);
    let mut way = None;
    for (name, value) in headers.iter_mut() {
        let Some(reference) = Reference::in_header(name) else { continue };
        let way = way.get_or_insert_with(|| Way::of(received, settings));
        let mapped = match reference {
            Reference::Whole => way.reference(value.as_bytes(), which.redirects),
            Reference::Refresh => refresh::mapped(way, value.as_bytes(), which.redirects),
            Reference::Cookie => cookie::mapped(way, value.as_bytes(), which.cookies),
        };
        if let Some(Ok(mut mapped)) = mapped.map(|bytes| HeaderValue::from_maybe_shared(bytes.freeze())) {
            mapped.set_sensitive(value.is_sensitive());
            *value = mapped;
        }
    }
}
