//! The URLs of services that the gateway itself asks.

use crate::config::model::ServiceUrl;
use crate::config::report::Problem;
use crate::config::values::{self, Value, quoted};

/// Reads a URL. `expected` is one, for errors.
pub(super) fn service_url(expected: &'static str) -> impl Fn(&Value<'_>) -> Result<ServiceUrl, Problem> {
    move |value| {
        let text = values::text(value, expected)?;
        text.parse().map_err(|error| {
            Problem::new(value.span(), format!("{} can't be asked: {error}", quoted(text)))
                .expecting(expected)
        })
    }
}
