//! Reads a condition, such as `status >= 500 or duration > 1s`.
//!
//! ```text
//! any   = all *( "or" all )
//! all   = one *( "and" one )
//! one   = "not" one / "(" any ")" / field [ compare value ]
//! compare = "=" / "!=" / "<" / "<=" / ">" / ">=" / "begins"
//! ```

use std::ops::Range;

use super::super::fault::Fault;
use super::super::model::{Comparison, Condition, LogField, TextMatch};
use super::super::values::quoted;
use super::template;
use super::words::{Kind, Word, word};

/// How deeply parentheses and `not` may be nested.
const DEEPEST: usize = 32;

/// Reads a condition.
pub(super) fn condition(text: &str) -> Result<Condition, Fault> {
    let mut reader = Reader { text, next: word(text, 0)?, depth: 0 };
    let condition = reader.any()?;
    match reader.next.kind {
        Kind::End => Ok(condition),
        _ => Err(reader.refuse("the condition is over here", "and, or, or nothing more")),
    }
}

struct Reader<'t> {
    text: &'t str,
    next: Word<'t>,
    depth: usize,
}

impl<'t> Reader<'t> {
    fn any(&mut self) -> Result<Condition, Fault> {
        let mut all = vec![self.all()?];
        while self.takes(Kind::Bare("or"))? {
            all.push(self.all()?);
        }
        Ok(alone_or(all, Condition::Any))
    }

    fn all(&mut self) -> Result<Condition, Fault> {
        let mut all = vec![self.one()?];
        while self.takes(Kind::Bare("and"))? {
            all.push(self.one()?);
        }
        Ok(alone_or(all, Condition::All))
    }

    fn one(&mut self) -> Result<Condition, Fault> {
        if self.depth == DEEPEST {
            return Err(self.refuse("this is nested too deeply", format!("at most {DEEPEST} levels")));
        }
        self.depth += 1;
        let one = if self.takes(Kind::Bare("not"))? {
            Condition::Not(Box::new(self.one()?))
        } else if self.takes(Kind::Symbol("("))? {
            let any = self.any()?;
            if !self.takes(Kind::Symbol(")"))? {
                return Err(self.refuse("a parenthesis isn't closed", ")"));
            }
            any
        } else {
            self.compared()?
        };
        self.depth -= 1;
        Ok(one)
    }

    fn compared(&mut self) -> Result<Condition, Fault> {
        let Word { kind, at } = self.take()?;
        let Kind::Bare(name) = kind else {
            return Err(Fault::new(at, "there is no field here", "a field such as status, not, or ("));
        };
        let field = LogField::by_name(name);
        let unknown =
            || Fault::new(at.clone(), format!("{} is no field", quoted(name)), template::expected(name));
        let field = field.ok_or_else(unknown)?;
        let compare = match self.next.kind {
            Kind::Bare("begins") => "begins",
            Kind::Symbol(symbol) if !"()".contains(symbol) => symbol,
            _ => return Ok(Condition::Has(field)),
        };
        let place = self.take()?.at;
        let value = self.take()?;
        match comparison(compare) {
            _ if compare == "!=" => {
                Ok(Condition::Not(Box::new(compares(field, Comparison::Equal, value, at)?)))
            }
            Some(comparison) => compares(field, comparison, value, at),
            None => match field {
                LogField::Text(field) => Ok(Condition::Text(field, TextMatch::Begins(text(value)?))),
                _ => Err(Fault::new(place, "only texts begin", "=, !=, <, <=, > or >=")),
            },
        }
    }

    /// Takes the next word if it is this one.
    fn takes(&mut self, kind: Kind<'_>) -> Result<bool, Fault> {
        let is_it = self.next.kind == kind;
        if is_it {
            self.take()?;
        }
        Ok(is_it)
    }

    fn take(&mut self) -> Result<Word<'t>, Fault> {
        let after = word(self.text, self.next.at.end)?;
        Ok(std::mem::replace(&mut self.next, after))
    }

    fn refuse(&self, what: &str, expected: impl Into<String>) -> Fault {
        Fault::new(self.next.at.clone(), what, expected)
    }
}

fn alone_or(mut all: Vec<Condition>, of: fn(Vec<Condition>) -> Condition) -> Condition {
    match all.pop() {
        Some(alone) if all.is_empty() => alone,
        last => {
            all.extend(last);
            of(all)
        }
    }
}

fn comparison(symbol: &str) -> Option<Comparison> {
    match symbol {
        "=" => Some(Comparison::Equal),
        "<" => Some(Comparison::Less),
        "<=" => Some(Comparison::AtMost),
        ">" => Some(Comparison::Greater),
        ">=" => Some(Comparison::AtLeast),
        _ => None,
    }
}

/// The condition that the field, whose name is at `place`, compares so with the value.
fn compares(
    field: LogField,
    comparison: Comparison,
    value: Word<'_>,
    place: Range<usize>,
) -> Result<Condition, Fault> {
    match field {
        LogField::Number(field) => {
            let number = bare(&value).and_then(|number| number.parse().ok());
            let number = number.ok_or_else(|| refused(value, "a whole number, such as 500"))?;
            Ok(Condition::Number(field, comparison, number))
        }
        LogField::Seconds(stage) => {
            let time = written(&value).and_then(|time| humantime::parse_duration(time).ok());
            let time = time.ok_or_else(|| refused(value, "a time with its unit, such as 1s or 500ms"))?;
            Ok(Condition::Stage(stage, comparison, time))
        }
        LogField::Text(field) if comparison == Comparison::Equal => {
            Ok(Condition::Text(field, TextMatch::Is(text(value)?)))
        }
        LogField::Text(_) => Err(Fault::new(place, "this is a text", "=, != or begins after a text")),
        LogField::Micros(_) | LogField::Time | LogField::CommonTime => Err(Fault::new(
            place,
            "this can't be compared",
            "a field such as duration, with a time such as 1s",
        )),
    }
}

fn text(value: Word<'_>) -> Result<String, Fault> {
    match written(&value) {
        Some(text) => Ok(text.to_owned()),
        None => Err(refused(value, "a text, such as GET or 'GET'")),
    }
}

fn bare<'t>(value: &Word<'t>) -> Option<&'t str> {
    if let Kind::Bare(bare) = value.kind { Some(bare) } else { None }
}

fn written<'t>(value: &Word<'t>) -> Option<&'t str> {
    if let Kind::Bare(text) | Kind::Quoted(text) = value.kind { Some(text) } else { None }
}

fn refused(value: Word<'_>, expected: &str) -> Fault {
    match value.kind {
        Kind::End => Fault::new(value.at, "the condition ends too early", expected),
        Kind::Bare(found) | Kind::Quoted(found) | Kind::Symbol(found) => {
            Fault::new(value.at, format!("found {}", quoted(found)), expected)
        }
    }
}

#[cfg(test)]
mod tests;
