//! `admin_tokens`: tokens as literals, digests, environment variables and secret files. An error in one of them refuses
//! the file, and no error shows a part of a token.

use std::time::SystemTime;

use toml::de::DeValue;

use super::context::Context;
use super::report::{Problem, Refusal, Report, Visibility};
use super::secret::{AdminTokenSpec, Secret, SecretText};
use super::secret_source::{Kind, LONGEST, needs_one_of};
use super::section::Section;
use super::values::{self, Value};

const TOKENS: &str = "an array of tokens, such as [\"${ADMIN_TOKEN}\"]";
const TOKEN: &str = "\"TOKEN\", \"sha256:HEX\", \"${NAME}\", or a table with one of token, sha256, env, file, and label, expires";
const DIGEST: &str = "64 hexadecimal digits, as `printf %s TOKEN | sha256sum` prints them";
const SOURCES: [&str; 4] = ["token", "sha256", "env", "file"];

const KIND: Kind<Secret> = Kind { name: "the token", forms: TOKEN, check: secret };

/// A token with fewer bytes can be guessed; there is a warning.
const SHORT: usize = 16;

/// The tokens of the gate of a route, or of the operator's listener; `None` if it has no gate. If the list is wrong, the
/// result is an empty list, so that it still counts as one with a gate in the checks that follow.
pub(super) fn admin_tokens(
    gated: &mut Section<'_>,
    context: &Context<'_>,
    report: &mut Report,
) -> Option<Vec<AdminTokenSpec>> {
    let value = gated.take("admin_tokens")?;
    let path = gated.path_to("admin_tokens");
    let list = values::list(value, TOKENS);
    let Some(list) = report.keep(list.map_err(|problem| masked(problem.about(&path)))) else {
        return Some(Vec::new());
    };
    if list.get_ref().is_empty() {
        let message = "an empty list would lock everyone out, or let everyone in";
        let expected = "at least one token, or no admin_tokens for a route without a gate";
        report.error(Problem::new(list.span(), message).expecting(expected).about(&path));
    }
    let tokens = list.into_inner().into_iter().enumerate();
    let tokens =
        tokens.filter_map(|(index, value)| token(format!("{path}[{index}]"), value, context, report));
    Some(tokens.collect())
}

fn masked(problem: Problem) -> Problem {
    problem.shown_as(Visibility::Masked)
}

fn token(
    path: String,
    value: Value<'_>,
    context: &Context<'_>,
    report: &mut Report,
) -> Option<AdminTokenSpec> {
    let span = value.span();
    let spec = match value.get_ref() {
        DeValue::Table(_) => from_table(path.clone(), value, context, report)?,
        _ => {
            let secret = KIND.literal(&value, context).map_err(|problem| masked(problem.about(&path)));
            AdminTokenSpec { secret: report.keep(secret)?, label: None, expires_at: None }
        }
    };
    let mut warn = |message: &str, expected: &str| {
        let problem = Problem::new(span.clone(), message).expecting(expected);
        report.warning(masked(problem.about(&path)));
    };
    if matches!(&spec.secret, Secret::Plain(text) if text.expose().len() < SHORT) {
        warn("the token is short enough to be guessed", "16 characters or more");
    }
    if spec.expires_at.is_some_and(|at| at <= SystemTime::now()) {
        warn("the token has expired", "a time to come, or no such token");
    }
    Some(spec)
}

fn from_table(
    path: String,
    value: Value<'_>,
    context: &Context<'_>,
    report: &mut Report,
) -> Option<AdminTokenSpec> {
    let mut section = report.keep(Section::open(path, value, TOKEN))?.masked();
    report.keep(needs_one_of(&section, &SOURCES));
    let token = section.read("token", report, |value| KIND.literal(value, context));
    let sha256 = section.read("sha256", report, digest);
    let env = section.read("env", report, |value| KIND.variable(value, context));
    let file = section.read("file", report, |value| KIND.file(value, context));
    let label = section.read("label", report, label);
    let expires_at = section.read("expires", report, values::timestamp);
    section.finish(report);
    let secret = token.or(sha256).or(env).or(file)?;
    Some(AdminTokenSpec { secret, label, expires_at })
}

fn digest(value: &Value<'_>) -> Result<Secret, Problem> {
    let text = values::text(value, DIGEST)?;
    sha256(text).ok_or_else(|| Problem::new(value.span(), "this is no SHA-256 digest").expecting(DIGEST))
}

/// Makes a secret from a text: a digest if the text begins with `sha256:`, or else the token itself.
fn secret(text: &str) -> Result<Secret, Refusal> {
    const EXPECTED: &str = "1 to 4096 visible ASCII characters, as a header can carry them";
    let refuse = |why: &str| Err(Refusal::new(why, EXPECTED));
    match text {
        _ if text.starts_with("sha256:") => {
            sha256(text).ok_or_else(|| Refusal::new("holds no SHA-256 digest after sha256:", DIGEST))
        }
        "" => refuse("is empty"),
        _ if text.len() > LONGEST => refuse("is too long"),
        _ if !text.bytes().all(|b| b.is_ascii_graphic()) => {
            refuse("holds a space, a control or a non-ASCII character")
        }
        _ => Ok(Secret::Plain(SecretText::new(text))),
    }
}

/// The digest in `sha256:HEX` or `HEX`.
fn sha256(text: &str) -> Option<Secret> {
    let digits = text.strip_prefix("sha256:").unwrap_or(text);
    let nibbles: Option<Vec<u32>> = digits.chars().map(|c| c.to_digit(16)).collect();
    let nibbles = nibbles.filter(|nibbles| nibbles.len() == 64)?;
    let pairs = nibbles.chunks_exact(2).map(|pair| pair.iter().fold(0, |byte, nibble| byte << 4 | nibble));
    let bytes: Option<Vec<u8>> = pairs.map(|byte| u8::try_from(byte).ok()).collect();
    bytes?.try_into().ok().map(Secret::Sha256)
}

fn label(value: &Value<'_>) -> Result<String, Problem> {
    const EXPECTED: &str = "1 to 64 characters without control characters";
    let text = values::text(value, EXPECTED)?;
    let is_label = (1..=64).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    let refused = || Problem::new(value.span(), "this is no label").expecting(EXPECTED);
    is_label.then(|| text.to_owned()).ok_or_else(refused)
}
