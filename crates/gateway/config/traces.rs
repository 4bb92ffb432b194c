//! `[traces]`: which requests are traced, and where their spans go.

use axum::http::{HeaderName, HeaderValue};
use proxy_service::Target;
use toml::de::DeValue;

use super::model::Traces;
use super::report::{Problem, Report, Visibility};
use super::section::Section;
use super::values::{self, Value};

const TRACES: &str = "a table: [traces]";
const OTLP: &str = "the URL of a collector, such as \"http://127.0.0.1:4318\"";
const SERVICE: &str = "a name, such as \"gateway\"";
const HEADERS: &str = "a table: { NAME = \"VALUE\" }";
const FIELD: &str = "the value of a header field";

pub(super) fn traces(root: &mut Section<'_>, report: &mut Report) -> Option<Traces> {
    let mut section = root.section("traces", report, TRACES)?;
    let otlp = section.read("otlp", report, collector);
    let sample = section.read("sample", report, values::share).unwrap_or(0.01);
    let trust = section.read("trust", report, values::boolean).unwrap_or(false);
    let service = section.read("service", report, service).unwrap_or_else(|| "gateway".to_owned());
    let headers = section.take("headers").map(|value| headers(value, &section, report)).unwrap_or_default();
    section.finish(report);
    Some(Traces { otlp, sample, trust, service, headers })
}

fn collector(value: &Value<'_>) -> Result<Target, Problem> {
    let text = values::text(value, OTLP)?;
    if cfg!(not(feature = "otel")) {
        let problem = Problem::new(value.span(), "this gateway was built without the export of traces");
        return Err(problem
            .expecting("a build with the feature otel, or no otlp: contexts are passed on all the same"));
    }
    text.parse().map_err(|error| {
        Problem::new(value.span(), format!("{} is no URL of a collector: {error}", values::quoted(text)))
            .expecting(OTLP)
    })
}

fn service(value: &Value<'_>) -> Result<String, Problem> {
    let text = values::text(value, SERVICE)?;
    if text.is_empty() {
        return Err(Problem::new(value.span(), "the name is empty").expecting(SERVICE));
    }
    Ok(text.to_owned())
}

/// The values may be secrets, so no error shows one.
fn headers(value: Value<'_>, outer: &Section<'_>, report: &mut Report) -> Vec<(HeaderName, HeaderValue)> {
    let path = outer.path_to("headers");
    let span = value.span();
    let DeValue::Table(entries) = value.into_inner() else {
        report.error(
            Problem::new(span, "it is no table").expecting(HEADERS).about(&path).shown_as(Visibility::Masked),
        );
        return Vec::new();
    };
    let fields = entries.into_iter().filter_map(|(name, value)| {
        let field = field(name.get_ref(), &value)
            .map_err(|problem| problem.about(&path).shown_as(Visibility::Masked));
        report.keep(field)
    });
    fields.collect()
}

fn field(name: &str, value: &Value<'_>) -> Result<(HeaderName, HeaderValue), Problem> {
    let wrong = |what: &'static str| Problem::new(value.span(), what).expecting(FIELD);
    let name = HeaderName::try_from(name).map_err(|_| wrong("its name is no name of a header field"))?;
    let text = value.get_ref().as_str().ok_or_else(|| wrong("it is no text"))?;
    let mut value = HeaderValue::try_from(text).map_err(|_| wrong("it is no value of a header field"))?;
    value.set_sensitive(true);
    Ok((name, value))
}
