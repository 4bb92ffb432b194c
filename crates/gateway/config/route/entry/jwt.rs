//! `jwt`: JSON Web Tokens.

mod keys;
mod required;

use std::time::Duration;

use http::HeaderName;
use toml::de::DeValue;

use super::identity;
use crate::config::context::Context;
use crate::config::model::{Jwt, JwtAlgorithm};
use crate::config::pools::cookie;
use crate::config::report::{Problem, Report};
use crate::config::section::Section;
use crate::config::values::{self, Value, quoted};

const JWT: &str =
    "a table such as { keys_url = \"https://id.example/jwks\", issuer = \"https://id.example\" }";
const TEXT: &str = "a text that isn't empty";
const AUDIENCE: &str = "a text such as \"api\", or an array of them";
const ALGORITHMS: &str = "an array of names such as [\"RS256\"]";
const HEADERS: &str = "a table of header fields and claims, such as { \"x-user\" = \"sub\" }";
const CLAIM: &str = "the name of a claim, such as \"sub\"";
/// A token that has expired for longer is no matter of clocks.
const LONGEST_LEEWAY: Duration = Duration::from_secs(60 * 60);

pub(super) fn jwt(route: &mut Section<'_>, context: &Context<'_>, report: &mut Report) -> Option<Jwt> {
    let mut section = route.section("jwt", report, JWT)?;
    let keys = keys::keys(&mut section, context, report);
    let issuer = section.read("issuer", report, text);
    let audience = section.read("audience", report, audience).unwrap_or_default();
    let algorithms = algorithms(&mut section, report);
    let required = required::required(&mut section, report);
    let headers = headers(&mut section, report);
    let leeway = section.read("leeway", report, leeway);
    let cookie = section.read("cookie", report, cookie_name);
    let forward = section.read("forward", report, values::boolean).unwrap_or_default();
    section.finish(report);
    let default = Jwt::from(keys?);
    let leeway = leeway.unwrap_or(default.leeway);
    Some(Jwt { issuer, audience, algorithms, required, headers, leeway, cookie, forward, ..default })
}

fn text(value: &Value<'_>) -> Result<String, Problem> {
    match values::text(value, TEXT)? {
        "" => Err(Problem::new(value.span(), "the text is empty").expecting(TEXT)),
        text => Ok(text.to_owned()),
    }
}

fn audience(value: &Value<'_>) -> Result<Vec<String>, Problem> {
    let DeValue::Array(items) = value.get_ref() else {
        return text(value).map(|one| vec![one]).map_err(|problem| problem.expecting(AUDIENCE));
    };
    match items.is_empty() {
        true => {
            Err(Problem::new(value.span(), "an empty list would be nobody, or anybody").expecting(AUDIENCE))
        }
        false => items.iter().map(text).collect(),
    }
}

fn algorithms(section: &mut Section<'_>, report: &mut Report) -> Vec<JwtAlgorithm> {
    let path = section.path_to("algorithms");
    let Some(items) = section.list("algorithms", report, ALGORITHMS) else { return Vec::new() };
    if items.get_ref().is_empty() {
        let problem = Problem::new(items.span(), "without an algorithm no token is right");
        report.error(problem.expecting(ALGORITHMS).about(&path));
    }
    let read = |value| report.keep(algorithm(value).map_err(|problem| problem.about(&path)));
    items.get_ref().iter().filter_map(read).collect()
}

fn algorithm(value: &Value<'_>) -> Result<JwtAlgorithm, Problem> {
    let name = values::text(value, ALGORITHMS)?;
    let found = JwtAlgorithm::ALL.into_iter().find(|algorithm| algorithm.name() == name);
    found.ok_or_else(|| {
        let why = match name {
            "none" => "whoever has no key could make a token".to_owned(),
            "HS256" | "HS384" | "HS512" => {
                "its keys are secrets, and tokens have to be signed with others".to_owned()
            }
            _ => format!("found {}", quoted(name)),
        };
        let names = JwtAlgorithm::ALL.map(JwtAlgorithm::name).join(", ");
        Problem::new(value.span(), why).expecting(format!("one of {names}"))
    })
}

fn headers(section: &mut Section<'_>, report: &mut Report) -> Vec<(HeaderName, String)> {
    let path = section.path_to("headers");
    let Some(value) = section.take("headers") else { return Vec::new() };
    let span = value.span();
    let DeValue::Table(entries) = value.into_inner() else {
        report.error(Problem::new(span, "it is no table").expecting(HEADERS).about(&path));
        return Vec::new();
    };
    let pairs = entries.into_iter().filter_map(|(name, claim)| {
        let field = identity::told(name.get_ref());
        let field = field.map_err(|why| Problem::new(name.span(), why).expecting(HEADERS).about(&path));
        let claim = values::text(&claim, CLAIM).map(str::to_owned).map_err(|problem| problem.about(&path));
        report.keep(field).zip(report.keep(claim))
    });
    pairs.collect()
}

fn leeway(value: &Value<'_>) -> Result<Duration, Problem> {
    match values::duration(value)? {
        long if long > LONGEST_LEEWAY => {
            Err(Problem::new(value.span(), "clocks don't differ as much").expecting("at most 1h"))
        }
        leeway => Ok(leeway),
    }
}

fn cookie_name(value: &Value<'_>) -> Result<String, Problem> {
    let text = values::text(value, cookie::NAME)?;
    match cookie::is_name(text) {
        true => Ok(text.to_owned()),
        false => Err(Problem::new(value.span(), format!("{} is no name of a cookie", quoted(text)))
            .expecting(cookie::NAME)),
    }
}
