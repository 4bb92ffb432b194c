//! Reads an upstream's URL: replaces environment variables, and suggests the right spelling for common mistakes.

use proxy_service::Target;

use crate::config::context::Context;
use crate::config::report::{Problem, Visibility};
use crate::config::values::{self, Value};

pub(super) const UPSTREAM: &str = "\"http://HOST[:PORT][/BASE]\" or { url = \"…\", weight = 2 }";

/// What a URL of an upstream names.
pub(super) enum Url {
    Upstream(Target),
    /// `srv+http://…`: SRV records.
    Service(Target),
}

/// Reads the URL of an upstream. No error shows the value of a variable or a password.
pub(super) fn url(value: &Value<'_>, context: &Context<'_>) -> Result<Url, Problem> {
    let text = values::text(value, UPSTREAM)?;
    let refuse = |why: String| Problem::new(value.span(), why);
    let has_user = || {
        let problem = refuse("an upstream's URL can't hold a user or a password".to_owned());
        problem.expecting("http://HOST[:PORT][/BASE]").shown_as(Visibility::Masked)
    };
    if text.contains('@') {
        return Err(has_user());
    }
    let expanded = context.expand_parts(text).map_err(|refusal| refusal.at(value.span()))?;
    if expanded.text.contains('@') {
        return Err(has_user());
    }
    let url = match expanded.text.strip_prefix("srv+") {
        Some(url) => url.parse().map(Url::Service),
        None => expanded.text.parse().map(Url::Upstream),
    };
    url.map_err(|invalid| match expanded.variables.as_slice() {
        [] => match right_spelling(text) {
            Some((what, expected)) => refuse(format!("{} {what}", values::quoted(text))).expecting(expected),
            None => refuse(invalid.to_string()),
        },
        [name] if text.starts_with("${") && text.ends_with('}') => {
            refuse(format!("the value of {name} is no upstream")).expecting(UPSTREAM)
        }
        names => {
            let message = format!("with the value of {} in it, this is no upstream", names.join(" and of "));
            refuse(message).expecting(UPSTREAM)
        }
    })
}

/// What is wrong with a URL that another program would accept, and how to write it here. `None` if the result would not
/// be an upstream either.
fn right_spelling(text: &str) -> Option<(&'static str, String)> {
    const SOCKET: &str = "is a Unix socket without http://";
    const HTTP2: &str = "has a scheme of HTTP/2, which is the pool's protocol here";
    const WEBSOCKET: &str = "has a scheme of WebSockets, which begin as HTTP";
    if let Some(path) = text.strip_prefix("unix:").or_else(|| text.starts_with('/').then_some(text)) {
        let path = path.trim_start_matches('/');
        return spelled(SOCKET, format!("http://unix:/{path}"), "");
    }
    let (scheme, rest) = text.split_once("://")?;
    let over = |scheme: &str| format!("{scheme}://{rest}");
    match scheme.to_ascii_lowercase().as_str() {
        "h2c" | "grpc" => spelled(HTTP2, over("http"), " beside protocol = \"http2\""),
        "h2" | "grpcs" => spelled(HTTP2, over("https"), " beside protocol = \"http2\""),
        "ws" => spelled(WEBSOCKET, over("http"), ""),
        "wss" => spelled(WEBSOCKET, over("https"), ""),
        _ => None,
    }
}

fn spelled(what: &'static str, url: String, beside: &str) -> Option<(&'static str, String)> {
    url.parse::<Target>().ok()?;
    Some((what, format!("{}{beside}", values::quoted(&url))))
}
