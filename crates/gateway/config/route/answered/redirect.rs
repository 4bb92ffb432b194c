//! `redirect`: an answer that sends clients elsewhere.

use std::ops::Range;

use http::StatusCode;
use http::uri::Authority;
use toml::de::DeValue;

use crate::config::model::{RouteRedirect, RouteTemplate};
use crate::config::report::{Problem, Report};
use crate::config::route::template::without_variables_and_groups;
use crate::config::section::Section;
use crate::config::values::{self, Value, quoted};

const REDIRECT: &str =
    "where to, such as \"https://{host}{uri}\", or a table such as { to = \"/new\", status = 302 }";
const TO: &str = "a URL such as \"https://www.example.com{uri}\", or a path such as \"/new{path}\"";
const STATUS: &str = "301, 302, 303, 307 or 308";
const OWN_HOST: &str = "a host that clients can't choose: names of your own, {host}, or what the path captures \
                        below a domain of two labels, such as {path.NAME}.example.com";

/// Reads `redirect`: where to, or a table. `captures` are the names that the route's pattern captures. `None` if it isn't
/// there, or isn't valid.
pub(in crate::config::route) fn redirect(
    route: &mut Section<'_>,
    captures: &[Box<str>],
    report: &mut Report,
) -> Option<RouteRedirect> {
    let value = route.take("redirect")?;
    let path = route.path_to("redirect");
    if let DeValue::String(_) = value.get_ref() {
        let to = redirect_to(&value, captures).map_err(|problem| problem.about(&path));
        return report.keep(to);
    }
    let mut section = report.keep(Section::open(path, value, REDIRECT))?;
    if !section.has("to") {
        report.error(section.problem("has no to").expecting(REDIRECT));
    }
    let to = section.read("to", report, |value| redirect_to(value, captures));
    let status = section.read("status", report, status);
    section.finish(report);
    to.map(|redirect| RouteRedirect { status: status.unwrap_or(redirect.status), ..redirect })
}

fn status(value: &Value<'_>) -> Result<StatusCode, Problem> {
    let refuse = |number: u16| Problem::new(value.span(), format!("found {number}")).expecting(STATUS);
    match values::count::<u16>(0..=999)(value).map_err(|problem| problem.expecting(STATUS))? {
        301 => Ok(StatusCode::MOVED_PERMANENTLY),
        302 => Ok(StatusCode::FOUND),
        303 => Ok(StatusCode::SEE_OTHER),
        307 => Ok(StatusCode::TEMPORARY_REDIRECT),
        308 => Ok(StatusCode::PERMANENT_REDIRECT),
        other => Err(refuse(other)),
    }
}

/// Reads where clients are sent, by default with 308.
pub(in crate::config::route) fn redirect_to(
    value: &Value<'_>,
    captures: &[Box<str>],
) -> Result<RouteRedirect, Problem> {
    let text = values::text(value, TO)?;
    without_variables_and_groups(value, text)?;
    let refuse = |(why, expected): Fault| Problem::new(value.span(), why).expecting(expected);
    let split = split(text, captures).map_err(refuse)?;
    let compile = |part: &str| {
        RouteTemplate::compile(part, captures)
            .map_err(|error| Problem::new(value.span(), error.what).expecting(error.expected))
    };
    let (origin, rest) = (text.get(..split).unwrap_or_default(), text.get(split..).unwrap_or_default());
    Ok(RouteRedirect {
        status: StatusCode::PERMANENT_REDIRECT,
        origin: if origin.is_empty() { None } else { Some(compile(origin)?) },
        target: compile(rest)?,
    })
}

type Fault = (String, &'static str);

/// Where path and query begin: 0 if there is no origin before them.
fn split(text: &str, captures: &[Box<str>]) -> Result<usize, Fault> {
    let schemes = ["https://", "http://", "{scheme}://"];
    let Some(scheme) = schemes.iter().find(|scheme| text.starts_with(**scheme)) else {
        let is_path = text.starts_with('/') && !text.starts_with("//") && !text.starts_with("/\\");
        return match is_path || text.starts_with("{path}") || text.starts_with("{uri}") {
            true => Ok(0),
            false => Err((format!("found {}", quoted(text)), TO)),
        };
    };
    let end = authority_end(text, scheme.len());
    let authority = text.get(scheme.len()..end).unwrap_or_default();
    check_authority(authority, captures)?;
    Ok(end)
}

/// The place of the first byte that isn't of the authority: a `/`, `?` or `#`, or a value that begins with one.
fn authority_end(text: &str, begin: usize) -> usize {
    let mut at = begin;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if ["/", "?", "#", "{path}", "{uri}"].iter().any(|end| rest.starts_with(end)) {
            return at;
        }
        let inside = if rest.starts_with('{') { rest.find('}') } else { None };
        at += inside.map_or_else(|| rest.chars().next().map_or(1, char::len_utf8), |end| end + 1);
    }
    text.len()
}

/// The ranges of the values in braces.
fn values(authority: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(open) = authority.get(from..).and_then(|rest| rest.find('{')).map(|open| from + open) {
        let close =
            authority.get(open..).and_then(|rest| rest.find('}')).map_or(authority.len(), |at| open + at + 1);
        found.push(open..close);
        from = close;
    }
    found
}

/// Refuses an authority that a client could choose.
fn check_authority(authority: &str, captures: &[Box<str>]) -> Result<(), Fault> {
    let is_captured = |value: &str| {
        let name = value.strip_prefix('{').and_then(|value| value.strip_suffix('}')).unwrap_or_default();
        let name = name.strip_prefix("path.").unwrap_or(name);
        captures.iter().any(|captured| **captured == *name)
    };
    let mut literal = String::new();
    let mut from = 0;
    for value in values(authority) {
        literal.push_str(authority.get(from..value.start).unwrap_or_default());
        literal.push('x');
        from = value.end;
        let name = authority.get(value.clone()).unwrap_or_default();
        let behind = authority.get(value.end..).unwrap_or_default();
        let is_below_a_domain = behind.starts_with('.')
            && !behind.contains('{')
            && behind.split('.').filter(|label| !label.is_empty()).count() >= 2;
        let may_stand = name == "{host}" || name == "{host_port}" || is_below_a_domain && is_captured(name);
        if !may_stand {
            return Err((format!("{name} would let clients choose the host"), OWN_HOST));
        }
    }
    literal.push_str(authority.get(from..).unwrap_or_default());
    match literal.parse::<Authority>() {
        Ok(_) if !literal.contains('@') => Ok(()),
        _ => Err((format!("{} is no host", quoted(authority)), TO)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn captures() -> [Box<str>; 4] {
        ["tenant", "rest", "a", "b"].map(Box::from)
    }

    #[test]
    fn path_and_query_begin_behind_the_host() {
        for (text, expected) in [
            ("https://{host}{uri}", "{uri}"),
            ("https://www.example.com", ""),
            ("https://www.example.com/a", "/a"),
            ("{scheme}://www.{host}{path}?{query}", "{path}?{query}"),
            ("http://{path.tenant}.example.com/{path.rest}", "/{path.rest}"),
            ("https://{tenant}.example.com{uri}", "{uri}"),
            ("https://{host_port}?a", "?a"),
            ("https://a:8443#x", "#x"),
            ("/new{path}", "/new{path}"),
            ("{uri}", "{uri}"),
        ] {
            assert_eq!(text.get(split(text, &captures()).unwrap()..), Some(expected), "{text}");
        }
    }

    #[test]
    fn no_client_chooses_the_host() {
        for text in [
            "//evil.example{path}",
            "/\\evil.example",
            "https://{header.host}/",
            "https://{query.to}",
            "https://{path.rest}/",
            "https://{other}.example.com/",
            "https://{path.a}.com/",
            "https://{path.a}.{path.b}.com/",
            "https://www.example.com{query.port}/",
            "https://user@www.example.com/",
            "https:///x",
            "ftp://a/",
            "{query.to}",
            "new",
            "",
        ] {
            assert!(split(text, &captures()).is_err(), "{text}");
        }
    }
}
