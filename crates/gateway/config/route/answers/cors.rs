//! `cors`: which pages of other origins may read answers.

use http::uri::Authority;
use http::{HeaderName, HeaderValue, Method, header};
use toml::de::DeValue;

use crate::config::model::{AllowedOrigin, Cors, Listed, Matching};
use crate::config::report::{Problem, Report};
use crate::config::section::Section;
use crate::config::values::{self, Value, quoted};

const CORS: &str = "a table such as { origins = [\"https://app.example.com\"] }";
const ORIGINS: &str = "\"*\", or an array such as [\"https://app.example.com\", \"https://*.example.org\"]";
const ORIGIN: &str =
    "an origin without a path, such as \"https://app.example.com\" or \"https://*.example.org\"";
const METHODS: &str = "\"*\", or an array such as [\"PUT\", \"DELETE\"]";
const METHOD: &str = "a method, such as \"PUT\"";
const HEADERS: &str = "\"*\", or an array such as [\"content-type\"]";
const HEADER: &str = "the name of a header, such as \"content-type\"";

/// The lists that a browser doesn't take as `*` beside credentials.
const LISTS: [&str; 4] = ["origins", "methods", "headers", "expose"];

pub(super) fn cors(route: &mut Section<'_>, matching: &Matching, report: &mut Report) -> Option<Cors> {
    let mut section = route.section("cors", report, CORS)?;
    if !section.has("origins") {
        report.error(section.problem("has no origins").expecting(ORIGINS));
    }
    warn_of_conditions(&section, matching, report);
    let place = section.problem("");
    let credentials = section.read("credentials", report, values::boolean).unwrap_or(false);
    let cors = Cors {
        origins: listed(&mut section, "origins", report, (ORIGINS, origin)),
        methods: listed(&mut section, "methods", report, (METHODS, method)),
        headers: listed(&mut section, "headers", report, (HEADERS, header)),
        expose: listed(&mut section, "expose", report, (HEADERS, header)),
        credentials,
        max_age: section.read("max_age", report, values::duration),
    };
    let are_any = [cors.origins.is_any(), cors.methods.is_any(), cors.headers.is_any(), cors.expose.is_any()];
    for (key, _) in LISTS.iter().zip(are_any).filter(|(_, is_any)| credentials && *is_any) {
        let message = format!("{}: no browser takes \"*\" beside credentials = true", section.path_to(key));
        report.error(Problem::new(place.span.clone(), message).expecting("an array, or no credentials"));
    }
    section.finish(report);
    Some(cors)
}

/// Warns of conditions that the request never meets by which a browser asks before another one.
fn warn_of_conditions(section: &Section<'_>, matching: &Matching, report: &mut Report) {
    if !matching.methods.is_empty() && !matching.methods.contains(&Method::OPTIONS) {
        let problem = section.problem("browsers ask with OPTIONS first, which this route doesn't take");
        report.warning(problem.expecting("\"OPTIONS\" among its methods"));
    }
    let no_line = std::iter::empty::<&[u8]>;
    for (name, _) in
        matching.headers.iter().filter(|(name, test)| !is_sent_first(name) && !test.holds(no_line()))
    {
        let message = format!("browsers ask without {name} first, which this route doesn't take");
        report
            .warning(section.problem(message).expecting("a route without this condition that has cors, too"));
    }
}

/// Whether the request may have this field by which a browser asks before another one (Fetch standard, "CORS-preflight
/// fetch").
fn is_sent_first(name: &HeaderName) -> bool {
    SENT_FIRST.contains(name) || name.as_str().starts_with("sec-")
}

static SENT_FIRST: [HeaderName; 12] = [
    header::ACCEPT,
    header::ACCEPT_ENCODING,
    header::ACCEPT_LANGUAGE,
    header::ACCESS_CONTROL_REQUEST_HEADERS,
    header::ACCESS_CONTROL_REQUEST_METHOD,
    header::CACHE_CONTROL,
    header::CONNECTION,
    header::HOST,
    header::ORIGIN,
    header::PRAGMA,
    header::REFERER,
    header::USER_AGENT,
];

/// Reads an item of a list.
type Read<T> = fn(&Value<'_>) -> Result<T, Problem>;

/// Reads a list, or `"*"`. Without it, it is empty.
fn listed<T>(
    section: &mut Section<'_>,
    key: &'static str,
    report: &mut Report,
    (expected, read): (&str, Read<T>),
) -> Listed<T> {
    let Some(value) = section.take(key) else { return Listed::These(Vec::new()) };
    let path = section.path_to(key);
    match value.get_ref() {
        DeValue::String(text) if **text == *"*" => return Listed::Any,
        DeValue::String(text) => {
            let problem = Problem::new(value.span(), format!("found {}", quoted(text)));
            report.error(problem.expecting(expected).about(&path));
            return Listed::Any;
        }
        _ => {}
    }
    let items = report.keep(values::list(value, expected).map_err(|problem| problem.about(&path)));
    let read = |value: &Value<'_>| report.keep(read(value).map_err(|problem| problem.about(&path)));
    Listed::These(items.map(|items| items.get_ref().iter().filter_map(read).collect()).unwrap_or_default())
}

/// Reads an origin as a browser says it (RFC 6454 §6.2): in lower case, and without the scheme's own port.
fn origin(value: &Value<'_>) -> Result<AllowedOrigin, Problem> {
    let text = values::text(value, ORIGIN)?;
    let refuse = |why: &str| Problem::new(value.span(), format!("{} {why}", quoted(text))).expecting(ORIGIN);
    if text == "*" {
        return Err(Problem::new(value.span(), "\"*\" in an array").expecting("origins = \"*\" alone"));
    }
    let schemes = [("https://", ":443"), ("http://", ":80")];
    let found = schemes.into_iter().find(|(scheme, _)| text.starts_with(scheme));
    let (scheme, usual_port) = found.ok_or_else(|| refuse("is no origin of http or https"))?;
    let host = text.strip_prefix(scheme).unwrap_or_default();
    if text.bytes().any(|b| b.is_ascii_uppercase()) {
        return Err(refuse("is never said so: browsers say it in lower case"));
    }
    if host.ends_with(usual_port) {
        return Err(refuse("is never said so: browsers leave out the usual port"));
    }
    let below = host.strip_prefix("*.");
    let is_authority =
        |host: &str| !host.contains(['@', '*', '/']) && !host.is_empty() && host.parse::<Authority>().is_ok();
    match (below, HeaderValue::from_str(text)) {
        (Some(name), _) if is_authority(name) => Ok(AllowedOrigin::Below { scheme, end: format!(".{name}") }),
        (None, Ok(origin)) if is_authority(host) => Ok(AllowedOrigin::One(origin)),
        _ => Err(refuse("is no origin")),
    }
}

fn method(value: &Value<'_>) -> Result<Method, Problem> {
    let text = values::text(value, METHOD)?;
    let refuse = || Problem::new(value.span(), format!("found {}", quoted(text))).expecting(METHOD);
    let is_upper = !text.bytes().any(|b| b.is_ascii_lowercase());
    Method::from_bytes(text.as_bytes()).ok().filter(|_| is_upper && text != "*").ok_or_else(refuse)
}

fn header(value: &Value<'_>) -> Result<HeaderName, Problem> {
    let text = values::text(value, HEADER)?;
    let refuse = || Problem::new(value.span(), format!("found {}", quoted(text))).expecting(HEADER);
    HeaderName::from_bytes(text.as_bytes()).ok().filter(|_| text != "*").ok_or_else(refuse)
}
