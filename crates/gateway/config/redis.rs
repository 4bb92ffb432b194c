//! `[redis]`: where several gateways count together.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::SecretText;
use super::context::Context;
#[cfg(feature = "tls")]
use super::model::Tls;
#[cfg(any(feature = "redis", feature = "tls"))]
use super::model::without_tls;
use super::model::{OnFailure, Redis, Route};
#[cfg(feature = "tls")]
use super::pools::tls;
use super::report::{Problem, Refusal, Report};
use super::secret_source::{Kind, needs_one_of};
use super::section::Section;
use super::values::{self, Value};

const REDIS: &str = "a table: [redis] with a url";
const URL: &str =
    "\"redis://HOST:PORT\", \"rediss://HOST:PORT\", \"${NAME}\", or a table with one of env, file";
const SOURCES: [&str; 2] = ["env", "file"];
const ON_FAILURE: &str = "\"local\", \"allow\" or \"deny\"";
const PREFIX: &str = "up to 64 visible ASCII characters";
const PREFIX_BY_DEFAULT: &str = "gateway:";
const DEADLINE: Duration = Duration::from_millis(5);
const DEADLINES: RangeInclusive<Duration> = Duration::from_millis(1)..=Duration::from_secs(10);

const KIND: Kind<SecretText> = Kind { name: "the URL", forms: URL, check: url };

/// Reads `[redis]`, which these routes may need. `None` if it is missing, or has no valid `url`.
pub(super) fn redis(
    root: &mut Section<'_>,
    routes: &[Route],
    context: &Context<'_>,
    report: &mut Report,
) -> Option<Redis> {
    if !root.has("redis")
        && let Some(route) = routes.iter().find(|route| route.limits.rates.iter().any(|limit| limit.shared))
    {
        let message =
            format!("the route {} has a rate_limit that is shared, and there is no [redis]", route.name);
        report.error(root.problem(message).expecting("[redis] with a url"));
    }
    let mut section = root.section("redis", report, REDIS)?;
    if !section.has("url") {
        report.error(section.problem("has no url").expecting(format!("url = {URL}")));
    }
    let url = location(&mut section, context, report);
    let deadline = section.read("deadline", report, deadline).unwrap_or(DEADLINE);
    let choices = [("local", OnFailure::Local), ("allow", OnFailure::Allow), ("deny", OnFailure::Deny)];
    let on_failure = section.read("on_failure", report, values::choice(ON_FAILURE, choices));
    let prefix = section.read("prefix", report, prefix).unwrap_or_else(|| PREFIX_BY_DEFAULT.to_owned());
    #[cfg(feature = "tls")]
    let tls = trust(&mut section, url.as_ref(), context, report);
    section.finish(report);
    Some(Redis {
        url: url?,
        deadline,
        on_failure: on_failure.unwrap_or_default(),
        prefix,
        #[cfg(feature = "tls")]
        tls,
    })
}

impl Redis {
    /// The server at this URL, which may have a password, with the default of everything else. Over TLS, Mozilla's
    /// authorities are trusted.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gateway::config::Redis;
    ///
    /// let redis = Redis { deadline: Duration::from_millis(20), ..Redis::at("redis://127.0.0.1:6379/0") };
    /// assert_eq!(redis.prefix, "gateway:");
    /// ```
    pub fn at(url: impl Into<String>) -> Self {
        let url = SecretText::new(url);
        Self {
            #[cfg(feature = "tls")]
            tls: without_tls(url.expose()).map(|_| tls::by_default()),
            url,
            deadline: DEADLINE,
            on_failure: OnFailure::default(),
            prefix: PREFIX_BY_DEFAULT.to_owned(),
        }
    }
}

/// By whose certificates the server is known. `None` if the URL asks for no TLS.
#[cfg(feature = "tls")]
fn trust(
    redis: &mut Section<'_>,
    url: Option<&SecretText>,
    context: &Context<'_>,
    report: &mut Report,
) -> Option<Tls> {
    let is_secured = url.is_none_or(|url| without_tls(url.expose()).is_some());
    if redis.has("tls") && !is_secured {
        let problem = redis.problem("has tls, and the url asks for none");
        report.error(problem.expecting("url = \"rediss://HOST:PORT\", or no tls"));
    }
    let named = tls::tls(redis, &[], context, report);
    is_secured.then(|| named.unwrap_or_else(tls::by_default))
}

/// Reads the URL, which may have a password: no error shows it.
fn location(redis: &mut Section<'_>, context: &Context<'_>, report: &mut Report) -> Option<SecretText> {
    let path = redis.path_to("url");
    let value = redis.take("url")?;
    if value.get_ref().as_table().is_none() {
        let read = KIND.literal(&value, context);
        return report.keep(read.map_err(|problem| problem.about(&path)));
    }
    let mut section = report.keep(Section::open(path, value, URL))?.masked();
    report.keep(needs_one_of(&section, &SOURCES));
    let by_variable = section.read("env", report, |value| KIND.variable(value, context));
    let by_file = section.read("file", report, |value| KIND.file(value, context));
    section.finish(report);
    by_variable.or(by_file)
}

#[cfg(feature = "redis")]
fn url(text: &str) -> Result<SecretText, Refusal> {
    use ::redis::IntoConnectionInfo;
    let expected = "redis://HOST or rediss://HOST (TLS), with a port, a database and a user if need be, or redis+unix:///PATH";
    let secured = without_tls(text);
    if secured.is_some() && cfg!(not(feature = "tls")) {
        return Err(Refusal::new(
            "asks for TLS: this program is built without tls",
            "a build with the feature tls",
        ));
    }
    if text.contains('#') {
        return Err(Refusal::new("has a fragment", "[redis.tls] for what is to be verified"));
    }
    match secured.as_deref().unwrap_or(text).into_connection_info() {
        #[cfg(feature = "tls")]
        Ok(server) if secured.is_some() && !has_name(&server) => {
            Err(Refusal::new("names no host that a certificate could be for", expected))
        }
        Ok(_) => Ok(SecretText::new(text)),
        Err(_) => Err(Refusal::new("is no URL of a Redis server", expected)),
    }
}

#[cfg(all(feature = "redis", feature = "tls"))]
fn has_name(server: &::redis::ConnectionInfo) -> bool {
    let ::redis::ConnectionAddr::Tcp(host, _) = server.addr() else { return false };
    rustls::pki_types::ServerName::try_from(host.as_str()).is_ok()
}

#[cfg(not(feature = "redis"))]
fn url(_: &str) -> Result<SecretText, Refusal> {
    Err(Refusal::new("can't be used: this program is built without redis", "no [redis]"))
}

fn deadline(value: &Value<'_>) -> Result<Duration, Problem> {
    let time = values::duration(value)?;
    if DEADLINES.contains(&time) {
        return Ok(time);
    }
    Err(Problem::new(value.span(), "this is too short or too long to wait").expecting("1ms to 10s"))
}

fn prefix(value: &Value<'_>) -> Result<String, Problem> {
    let text = values::text(value, PREFIX)?;
    if text.len() <= 64 && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(text.to_owned());
    }
    let message = format!("{} can't be the beginning of a key", values::quoted(text));
    Err(Problem::new(value.span(), message).expecting(PREFIX))
}
