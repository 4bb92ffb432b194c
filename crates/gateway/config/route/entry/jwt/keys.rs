//! Where the keys come from.

use std::time::Duration;

use crate::config::context::Context;
use crate::config::files;
use crate::config::model::{JwtKeys, KeySet};
#[cfg(feature = "tls")]
use crate::config::pools::tls;
use crate::config::report::{Problem, Report};
use crate::config::route::entry::service_url::service_url;
use crate::config::section::Section;
use crate::config::values::{self, Value, quoted};

const SOURCES: &str = "exactly one of keys_file and keys_url";
const FILE: &str = "the path of a file with a JWK Set, or with a public key in PEM";
const URL: &str = "the URL of a JWK Set, such as \"https://id.example/jwks\"";
const REFRESH: Duration = Duration::from_secs(5 * 60);
/// A shorter time would be a burden for whoever publishes the keys.
const SHORTEST_REFRESH: Duration = Duration::from_secs(1);

pub(super) fn keys(section: &mut Section<'_>, context: &Context<'_>, report: &mut Report) -> Option<JwtKeys> {
    if section.has("keys_file") == section.has("keys_url") {
        let has = if section.has("keys_url") { "has both keys_file and keys_url" } else { "has no keys" };
        report.error(section.problem(has).expecting(SOURCES));
    }
    let file = section.read("keys_file", report, |value| key_set(value, context));
    let url = section.read("keys_url", report, service_url(URL));
    let refresh = section.read("refresh", report, values::duration_from(SHORTEST_REFRESH));
    #[cfg(feature = "tls")]
    let tls = tls::tls(section, &[], context, report);
    if let Some(keys) = file {
        return Some(JwtKeys::File(keys));
    }
    Some(JwtKeys::Url {
        url: Box::new(url?),
        refresh: refresh.unwrap_or(REFRESH),
        #[cfg(feature = "tls")]
        tls,
    })
}

fn key_set(value: &Value<'_>, context: &Context<'_>) -> Result<KeySet, Problem> {
    let name = values::text(value, FILE)?;
    let refuse =
        |why: String| Problem::new(value.span(), format!("the file {} {why}", quoted(name))).expecting(FILE);
    let bytes =
        files::read(&context.path(name)).map_err(|error| refuse(format!("can't be read: {error}")))?;
    let text = String::from_utf8(bytes).map_err(|_| refuse("isn't UTF-8".to_owned()))?;
    text.parse().map_err(|error| refuse(format!("has no keys: {error}")))
}
