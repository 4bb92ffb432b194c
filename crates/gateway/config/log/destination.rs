//! Where a log goes.

use super::super::context::Context;
use super::super::model::Destination;
use super::super::report::Problem;
use super::super::values::{self, Value, quoted};

const DESTINATION: &str = "\"stderr\", \"stdout\", \"syslog\", \"syslog:/PATH\" or \"file:PATH\"";

pub(super) fn destination(value: &Value<'_>, context: &Context<'_>) -> Result<Destination, Problem> {
    let text = values::text(value, DESTINATION)?;
    let refuse = |why: &str| Problem::new(value.span(), format!("{} {why}", quoted(text)));
    match text.split_once(':') {
        None if text == "stderr" => Ok(Destination::Stderr),
        None if text == "stdout" => Ok(Destination::Stdout),
        None if text == "syslog" => Ok(Destination::Syslog(None)),
        Some(("file" | "syslog", "")) => Err(refuse("has no path").expecting(DESTINATION)),
        Some(("file", path)) => Ok(Destination::File(context.path_of(path))),
        Some(("syslog", path)) if path.starts_with('/') => Ok(Destination::Syslog(Some(path.into()))),
        _ => Err(refuse("is nowhere that a log can go").expecting(DESTINATION)),
    }
}
