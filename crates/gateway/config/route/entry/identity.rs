//! The header fields in which upstreams are told who a client is.

use http::HeaderName;
use http::header::{AUTHORIZATION, COOKIE};

use crate::config::report::{Problem, Report};
use crate::config::section::Section;
use crate::config::values::{self, Value, quoted};

const NAME: &str = "the name of a header field, such as \"x-user\"";
const NAMES: &str = "an array of names of header fields, such as [\"x-user\"]";

/// What the gateway sets itself, or what belongs to a connection or a body.
const OWN: [&str; 22] = [
    "client-cert",
    "client-cert-chain",
    "connection",
    "content-length",
    "expect",
    "forwarded",
    "host",
    "keep-alive",
    "max-forwards",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
    "x-admin-token",
    "x-gateway-pick",
    "x-real-ip",
    "x-request-id",
    "http2-settings",
];

/// Reads the name of a field that the gateway sets on behalf of a guard. Clients can't set it then.
fn field_name(value: &Value<'_>) -> Result<HeaderName, Problem> {
    let text = values::text(value, NAME)?;
    named(text).map_err(|why| Problem::new(value.span(), why).expecting(NAME))
}

/// The same for a field that tells who the client is. It can't be one that has the client's credentials.
pub(super) fn told(text: &str) -> Result<HeaderName, String> {
    let name = named(text)?;
    match [AUTHORIZATION, COOKIE].contains(&name) {
        true => Err(format!("{name} has what the client proves it with")),
        false => Ok(name),
    }
}

/// Reads such a name.
pub(super) fn told_in(value: &Value<'_>) -> Result<HeaderName, Problem> {
    told(values::text(value, NAME)?).map_err(|why| Problem::new(value.span(), why).expecting(NAME))
}

/// The same as a plain text, or why it can't be one.
fn named(text: &str) -> Result<HeaderName, String> {
    let name: HeaderName =
        text.parse().map_err(|_| format!("{} is no name of a header field", quoted(text)))?;
    match OWN.contains(&name.as_str()) || name.as_str().starts_with("x-forwarded-") {
        true => Err(format!("{name} is the gateway's own, or belongs to a connection or a body")),
        false => Ok(name),
    }
}

/// Reads a list of such names.
pub(super) fn field_names(
    key: &'static str,
    section: &mut Section<'_>,
    report: &mut Report,
) -> Option<Vec<HeaderName>> {
    let path = section.path_to(key);
    let items = section.list(key, report, NAMES)?;
    let read = |value| report.keep(field_name(value).map_err(|problem| problem.about(&path)));
    Some(items.get_ref().iter().filter_map(read).collect())
}
