//! `affinity`: a cookie by which clients stay with their upstream.

use toml::de::DeValue;

use super::cookie;
use crate::config::SecretText;
use crate::config::context::Context;
use crate::config::model::{Affinity, SameSite, Secure};
use crate::config::report::{Problem, Refusal, Report, Visibility};
use crate::config::secret_source::{Kind, LONGEST, needs_one_of};
use crate::config::section::Section;
use crate::config::values::{self, Value};

const AFFINITY: &str = "a table such as { cookie = \"gw\", secret = \"${NAME}\" }";
const SECRET: &str = "\"SECRET\", \"${NAME}\", or a table with one of env, file";
const SECURE: &str = "\"auto\", true or false";
const SAME_SITE: &str = "\"lax\", \"strict\" or \"none\"";
const SOURCES: [&str; 2] = ["env", "file"];

const KIND: Kind<SecretText> = Kind { name: "the secret", forms: SECRET, check: secret_text };

/// A secret with fewer bytes can be guessed; it is refused.
const SHORTEST: usize = 16;

/// Reads `affinity`. `None` if it is missing, or has no valid `cookie`.
pub(super) fn affinity(
    pool: &mut Section<'_>,
    context: &Context<'_>,
    report: &mut Report,
) -> Option<Affinity> {
    let value = pool.take("affinity")?;
    let section = Section::open(pool.path_to("affinity"), value, AFFINITY);
    let mut section = report.keep(section.map_err(masked))?;
    if !section.has("cookie") {
        report.error(section.problem("has no cookie").expecting("cookie = \"NAME\""));
    }
    let cookie = section.read("cookie", report, cookie::name);
    let secret = secret(&mut section, context, report);
    let max_age = section.read("max_age", report, values::duration_or_off).flatten();
    let secure = section.read("secure", report, secure).unwrap_or_default();
    let same_site = section.read("same_site", report, |value| match same_site(value)? {
        SameSite::None if secure != Secure::Always => {
            let problem = Problem::new(value.span(), "browsers drop such a cookie unless it is secure");
            Err(problem.expecting("secure = true beside it"))
        }
        same_site => Ok(same_site),
    });
    section.finish(report);
    Some(Affinity { cookie: cookie?, secret, max_age, secure, same_site: same_site.unwrap_or_default() })
}

fn masked(problem: Problem) -> Problem {
    problem.shown_as(Visibility::Masked)
}

fn secure(value: &Value<'_>) -> Result<Secure, Problem> {
    match value.get_ref() {
        DeValue::String(_) => values::choice(SECURE, [("auto", Secure::Auto)])(value),
        _ => values::boolean(value)
            .map(|is_secure| if is_secure { Secure::Always } else { Secure::Never })
            .map_err(|problem| problem.expecting(SECURE)),
    }
}

fn same_site(value: &Value<'_>) -> Result<SameSite, Problem> {
    let choices = [("lax", SameSite::Lax), ("strict", SameSite::Strict), ("none", SameSite::None)];
    values::choice(SAME_SITE, choices)(value)
}

/// Reads `secret`. Without it, a random key is made at each start. That works, but is probably not meant, so there is a
/// warning.
fn secret(affinity: &mut Section<'_>, context: &Context<'_>, report: &mut Report) -> Option<SecretText> {
    let Some(value) = affinity.take("secret") else {
        let problem =
            affinity.problem("has no secret: clients lose their upstream at each restart and gateway");
        report.warning(problem.expecting("secret = \"${NAME}\", the same for all gateways"));
        return None;
    };
    let path = affinity.path_to("secret");
    match value.get_ref() {
        DeValue::Table(_) => secret_table(path, value, context, report),
        _ => report.keep(KIND.literal(&value, context).map_err(|problem| masked(problem.about(&path)))),
    }
}

fn secret_table(
    path: String,
    value: Value<'_>,
    context: &Context<'_>,
    report: &mut Report,
) -> Option<SecretText> {
    let mut section = report.keep(Section::open(path, value, SECRET))?.masked();
    report.keep(needs_one_of(&section, &SOURCES));
    let env = section.read("env", report, |value| KIND.variable(value, context));
    let file = section.read("file", report, |value| KIND.file(value, context));
    section.finish(report);
    env.or(file)
}

fn secret_text(text: &str) -> Result<SecretText, Refusal> {
    const EXPECTED: &str = "16 to 4096 bytes, such as `openssl rand -hex 32` prints";
    match text.len() {
        ..SHORTEST => Err(Refusal::new("is short enough to be guessed", EXPECTED)),
        SHORTEST..=LONGEST => Ok(SecretText::new(text)),
        _ => Err(Refusal::new("is too long", EXPECTED)),
    }
}
