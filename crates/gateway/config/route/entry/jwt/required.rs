//! `required`: what a token has to say.

use serde_json::Value as Claim;
use toml::de::DeValue;

use crate::config::model::RequiredClaim;
use crate::config::report::{Problem, Report};
use crate::config::section::Section;
use crate::config::values::{Value, wrong_type};

const REQUIRED: &str = "a table of claims and their values, such as { scope = \"read\" }";
const VALUE: &str = "a text, a whole number, true or false, or an array of them";

pub(super) fn required(section: &mut Section<'_>, report: &mut Report) -> Vec<RequiredClaim> {
    let path = section.path_to("required");
    let Some(value) = section.take("required") else { return Vec::new() };
    let span = value.span();
    let DeValue::Table(entries) = value.into_inner() else {
        report.error(Problem::new(span, "it is no table").expecting(REQUIRED).about(&path));
        return Vec::new();
    };
    let all = entries.into_iter().filter_map(|(name, value)| {
        let any_of = report.keep(any_of(&value).map_err(|problem| problem.about(&path)))?;
        Some(RequiredClaim { claim: name.into_inner().into_owned(), any_of })
    });
    all.collect()
}

fn any_of(value: &Value<'_>) -> Result<Vec<Claim>, Problem> {
    let DeValue::Array(items) = value.get_ref() else { return one(value).map(|one| vec![one]) };
    match items.is_empty() {
        true => Err(Problem::new(value.span(), "an empty list is never fulfilled").expecting(VALUE)),
        false => items.iter().map(one).collect(),
    }
}

fn one(value: &Value<'_>) -> Result<Claim, Problem> {
    match value.get_ref() {
        DeValue::String(text) => Ok(Claim::from(&**text)),
        DeValue::Boolean(is) => Ok(Claim::from(*is)),
        DeValue::Integer(number) => {
            let parsed = i64::from_str_radix(number.as_str(), number.radix());
            parsed
                .map(Claim::from)
                .map_err(|_| Problem::new(value.span(), "the number is too large").expecting(VALUE))
        }
        _ => Err(wrong_type(value, VALUE)),
    }
}
