//! References in answers: an upstream that doesn't know how it is reached from outside names itself. What it names is
//! mapped back to what the client asked for.

mod cookie;
mod outside;
mod refresh;
#[cfg(test)]
mod tests;
mod way;
mod which;

use http::header::{CONTENT_LOCATION, HeaderMap, HeaderName, HeaderValue, LOCATION, REFRESH, SET_COOKIE};
use http::request::Parts;

use crate::received::Received;
use crate::settings::Settings;
use way::Way;
pub use which::{MapBack, References};

/// Maps the references of an answer to this request.
pub(crate) fn map(headers: &mut HeaderMap, parts: &Parts, settings: &Settings) {
    let mut way = None;
    for (name, value) in headers.iter_mut() {
        let Some(kind) = Kind::of(name) else { continue };
        let received = Received::from(parts);
        let which = received.route.map_back_or(settings.map_back);
        let way = way.get_or_insert_with(|| Way::of(received, settings));
        let mapped = match kind {
            Kind::Reference => way.reference(value.as_bytes(), which.redirects),
            Kind::Refresh => refresh::mapped(way, value.as_bytes(), which.redirects),
            Kind::Cookie => cookie::mapped(way, value.as_bytes(), which.cookies),
        };
        if let Some(Ok(mut mapped)) = mapped.map(|bytes| HeaderValue::from_maybe_shared(bytes.freeze())) {
            mapped.set_sensitive(value.is_sensitive());
            *value = mapped;
        }
    }
}

/// A header that has references.
#[derive(Clone, Copy)]
enum Kind {
    Reference,
    Refresh,
    Cookie,
}

impl Kind {
    fn of(name: &HeaderName) -> Option<Self> {
        if *name == LOCATION || *name == CONTENT_LOCATION {
            Some(Self::Reference)
        } else if *name == SET_COOKIE {
            Some(Self::Cookie)
        } else if *name == REFRESH {
            Some(Self::Refresh)
        } else {
            None
        }
    }
}
