//! The protocols that a request may upgrade to.

use http::HeaderValue;
use proxy_service::Upgrades;

use crate::config::report::{Problem, Report};
use crate::config::section::Section;
use crate::config::values::{self, Value};

const UPGRADES: &str = "protocols such as [\"websocket\"], [\"tcp\"] or [\"SPDY/3.1\"], or [] for none";

pub(super) fn upgrades(route: &mut Section<'_>, report: &mut Report) -> Upgrades {
    let path = route.path_to("upgrade");
    let Some(items) = route.list("upgrade", report, UPGRADES) else {
        return Upgrades::default();
    };
    let read = |value| report.keep(upgrade(value).map_err(|problem| problem.about(&path)));
    Upgrades::only(items.get_ref().iter().filter_map(read))
}

/// Reads the name of a protocol, and its version if it has one (RFC 9110 §7.8).
fn upgrade(value: &Value<'_>) -> Result<HeaderValue, Problem> {
    let refuse = |why: String| Problem::new(value.span(), why).expecting(UPGRADES);
    let protocol = values::text(value, UPGRADES)?;
    let (name, version) = protocol.split_once('/').unwrap_or((protocol, "1"));
    if BYPASSES.iter().any(|bypass| bypass.eq_ignore_ascii_case(name)) {
        return Err(refuse(format!("an upgrade to {protocol} would bypass the gateway's gates")));
    }
    match HeaderValue::from_str(protocol) {
        Ok(value) if is_token(name) && is_token(version) => Ok(value),
        _ => Err(refuse(format!("{} is no protocol", values::quoted(protocol)))),
    }
}

/// Protocols that carry further requests, or hide them. They would go through the tunnel, past the gates.
const BYPASSES: [&str; 5] = ["h2c", "h2", "h3", "http", "tls"];

/// Whether `text` is a token (RFC 9110 §5.6.2).
fn is_token(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(is_allowed)
}
