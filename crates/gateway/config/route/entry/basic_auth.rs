//! `basic_auth`: users with passwords.

use super::identity;
use crate::config::context::Context;
use crate::config::files;
use crate::config::model::{BasicAuth, Users};
use crate::config::report::{Problem, Report};
use crate::config::section::Section;
use crate::config::values::{self, Value, quoted};

const BASIC_AUTH: &str = "a table such as { file = \"htpasswd\" }";
const FILE: &str = "the path of a file with NAME:HASH in each line, as `htpasswd -B` writes it";
const REALM: &str = "1 to 64 printable ASCII characters without \" and \\";

pub(super) fn basic_auth(
    route: &mut Section<'_>,
    context: &Context<'_>,
    report: &mut Report,
) -> Option<BasicAuth> {
    let mut section = route.section("basic_auth", report, BASIC_AUTH)?;
    if !section.has("file") {
        report.error(section.problem("has no file").expecting(FILE));
    }
    let users = section.read("file", report, |value| users(value, context));
    let realm = section.read("realm", report, realm);
    let header = section.read("header", report, identity::told_in);
    let forward = section.read("forward", report, values::boolean).unwrap_or_default();
    section.finish(report);
    let default = BasicAuth::from(users?);
    Some(BasicAuth { realm: realm.unwrap_or_else(|| default.realm.clone()), header, forward, ..default })
}

/// Reads the file. An error names a line of it, and shows nothing that stands there.
fn users(value: &Value<'_>, context: &Context<'_>) -> Result<Users, Problem> {
    let name = values::text(value, FILE)?;
    let refuse = |why: String| Problem::new(value.span(), format!("the file {} {why}", quoted(name)));
    let bytes = files::read(&context.path(name))
        .map_err(|error| refuse(format!("can't be read: {error}")).expecting(FILE))?;
    let text = String::from_utf8(bytes).map_err(|_| refuse("isn't UTF-8".to_owned()).expecting(FILE))?;
    text.parse::<Users>().map_err(|error| {
        let why = match error.line() {
            0 => error.to_string(),
            _ => format!("can't be used: {error}"),
        };
        refuse(why).expecting(error.expected())
    })
}

fn realm(value: &Value<'_>) -> Result<String, Problem> {
    let text = values::text(value, REALM)?;
    let is_plain = |byte: u8| (b' '..=b'~').contains(&byte) && !b"\"\\".contains(&byte);
    match (1..=64).contains(&text.len()) && text.bytes().all(is_plain) {
        true => Ok(text.to_owned()),
        false => Err(Problem::new(value.span(), format!("found {}", quoted(text))).expecting(REALM)),
    }
}
