//! `security_headers`: fields that have browsers be careful.

use http::header::{
    CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use toml::de::DeValue;

use crate::config::model::SecurityHeaders;
use crate::config::report::{Problem, Report};
use crate::config::section::Section;
use crate::config::values::{self, Value, quoted};

const SECURITY: &str = "true, or a table such as { frames = \"deny\" }";
const FRAMES: &str = "\"deny\", \"same-origin\", or false to say nothing";
const REFERRER: &str = "a policy such as \"no-referrer\", or false to say nothing";
const POLICY: &str = "a policy in visible ASCII characters";

/// The policies that browsers know (Referrer Policy §3).
const REFERRERS: [&str; 8] = [
    "no-referrer",
    "no-referrer-when-downgrade",
    "same-origin",
    "origin",
    "strict-origin",
    "origin-when-cross-origin",
    "strict-origin-when-cross-origin",
    "unsafe-url",
];

/// Who may show a page in a frame.
#[derive(Clone, Copy, Debug)]
enum Frames {
    Nobody,
    SameOrigin,
    NotSaid,
}

/// Reads `security_headers`: `true`, or a table.
pub(super) fn security_headers(route: &mut Section<'_>, report: &mut Report) -> Option<SecurityHeaders> {
    let value = route.take("security_headers")?;
    let path = route.path_to("security_headers");
    match value.get_ref() {
        DeValue::Boolean(false) => return None,
        DeValue::Boolean(true) => return Some(SecurityHeaders::usual()),
        _ => {}
    }
    let mut section = report.keep(Section::open(path, value, SECURITY))?;
    let nosniff = section.read("nosniff", report, values::boolean).unwrap_or(true);
    let frames = section.read("frames", report, frames).unwrap_or(Frames::SameOrigin);
    let referrer = section.read("referrer", report, referrer).unwrap_or(Some(REFERRER_BY_DEFAULT));
    let content = section.read("content", report, policy);
    let permissions = section.read("permissions", report, policy);
    let replace = section.read("replace", report, values::boolean).unwrap_or(false);
    section.finish(report);
    let mut fields: Vec<(HeaderName, HeaderValue)> = Vec::new();
    fields.extend(nosniff.then(no_sniffing));
    fields.extend(referrer.map(|policy| (REFERRER_POLICY, HeaderValue::from_static(policy))));
    let ancestors = framing(frames, &mut fields);
    let content = content.or(ancestors.map(HeaderValue::from_static));
    fields.extend(content.map(|policy| (CONTENT_SECURITY_POLICY, policy)));
    fields.extend(permissions.map(|policy| (HeaderName::from_static("permissions-policy"), policy)));
    Some(SecurityHeaders { fields, replace })
}

const REFERRER_BY_DEFAULT: &str = "strict-origin-when-cross-origin";

impl SecurityHeaders {
    /// What `security_headers = true` adds: no guessing of types, no frames of other origins, and no more than the origin
    /// as the referrer for others.
    pub fn usual() -> Self {
        let mut fields =
            vec![no_sniffing(), (REFERRER_POLICY, HeaderValue::from_static(REFERRER_BY_DEFAULT))];
        let ancestors = framing(Frames::SameOrigin, &mut fields);
        fields.extend(ancestors.map(|policy| (CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy))));
        Self { fields, replace: false }
    }
}

fn no_sniffing() -> (HeaderName, HeaderValue) {
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"))
}

/// Adds the field that old browsers know, and returns the policy that new ones do.
fn framing(frames: Frames, fields: &mut Vec<(HeaderName, HeaderValue)>) -> Option<&'static str> {
    let (old, new) = match frames {
        Frames::Nobody => ("DENY", "frame-ancestors 'none'"),
        Frames::SameOrigin => ("SAMEORIGIN", "frame-ancestors 'self'"),
        Frames::NotSaid => return None,
    };
    fields.push((X_FRAME_OPTIONS, HeaderValue::from_static(old)));
    Some(new)
}

fn frames(value: &Value<'_>) -> Result<Frames, Problem> {
    if values::is_false(value) {
        return Ok(Frames::NotSaid);
    }
    values::choice(FRAMES, [("deny", Frames::Nobody), ("same-origin", Frames::SameOrigin)])(value)
}

fn referrer(value: &Value<'_>) -> Result<Option<&'static str>, Problem> {
    if values::is_false(value) {
        return Ok(None);
    }
    values::choice(REFERRER, REFERRERS.map(|policy| (policy, Some(policy))))(value)
}

fn policy(value: &Value<'_>) -> Result<HeaderValue, Problem> {
    let text = values::text(value, POLICY)?;
    let refuse = || Problem::new(value.span(), format!("found {}", quoted(text))).expecting(POLICY);
    HeaderValue::from_str(text).ok().filter(|policy| !policy.is_empty()).ok_or_else(refuse)
}
