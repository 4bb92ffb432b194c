//! What a route changes of a request's target.

mod path;
mod query;

use http::Method;
use proxy_service::HostPolicy;

use self::path::path;
use self::query::query;
use crate::config::model::{Matching, Rewrite};
use crate::config::report::{Problem, Report};
use crate::config::section::Section;
use crate::config::suggest::nearest;
use crate::config::values::{self, Value, quoted};

const HOST: &str = "\"target\", \"preserve\" or a host such as \"app.internal\"";
const SHORT_HOST: &str = "\"target\" or \"preserve\" (as a condition, host is a key of [[route]])";
const METHOD: &str = "the method with which requests go on, such as \"GET\" (as a condition it is methods)";

pub(super) fn rewrite(section: &mut Section<'_>, matching: &Matching, report: &mut Report) -> Rewrite {
    Rewrite {
        host: section.read("upstream_host", report, host_policy).unwrap_or_default(),
        path: path(section, matching, report),
        query: query(section, matching.captures(), report),
        method: section.read("method", report, method),
    }
}

/// Reads `host` of the short form, where it isn't a condition.
pub(super) fn host(section: &mut Section<'_>, report: &mut Report) -> Option<HostPolicy> {
    let choices = [("target", HostPolicy::Target), ("preserve", HostPolicy::Preserve)];
    section.read("host", report, values::choice(SHORT_HOST, choices))
}

fn host_policy(value: &Value<'_>) -> Result<HostPolicy, Problem> {
    let refuse = |why: &str| Problem::new(value.span(), why);
    match values::text(value, HOST)? {
        "target" => Ok(HostPolicy::Target),
        "preserve" => Ok(HostPolicy::Preserve),
        other => {
            if let Some(word) = nearest(other, ["target", "preserve"]) {
                let expected = format!("{HOST} (did you mean {word}?)");
                return Err(refuse(&format!("found {}", quoted(other))).expecting(expected));
            }
            let name = other
                .parse()
                .map_err(|_| refuse(&format!("{} is no host", quoted(other))).expecting(HOST))?;
            Ok(HostPolicy::Name(name))
        }
    }
}

/// Reads a method that a request can go on with, whatever it came with.
fn method(value: &Value<'_>) -> Result<Method, Problem> {
    let refuse = |why: String| Problem::new(value.span(), why).expecting(METHOD);
    match super::method::method(value, METHOD)? {
        method @ (Method::CONNECT | Method::TRACE) => Err(refuse(format!("{method} isn't forwarded"))),
        Method::HEAD => Err(refuse("whoever asked with another method would wait for a body".to_owned())),
        method => Ok(method),
    }
}
