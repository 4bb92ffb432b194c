//! An explanation for people.

use std::fmt;

use super::explanation::{Answer, Explanation, Outcome, Pick, Sends};

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let asked = &self.request;
        writeln!(f, "{} {} from {} at {}", asked.method, asked.target, asked.client, asked.listener)?;
        writeln!(f, "\nroutes")?;
        let widest = self.routes.iter().map(|route| route.name.len()).max().unwrap_or(0);
        for route in &self.routes {
            let mark = if route.matches { "->" } else { "  " };
            writeln!(f, "  {mark} {:widest$}  {}  ({})", route.name, route.to, route.why)?;
        }
        writeln!(f, "\nlayers")?;
        for layer in &self.layers {
            let mark = match layer.outcome {
                Outcome::Passed => "passes",
                Outcome::Answered => "ANSWERS",
                Outcome::NotReached => "-",
            };
            writeln!(f, "  {:<7}  {:<11}  {}", mark, layer.name, layer.does)?;
        }
        if let Some(pick) = &self.endpoint {
            endpoint(f, pick)?;
        }
        if let Some(sends) = &self.sends {
            sent(f, sends)?;
        }
        if let Some(answer) = &self.answer {
            answered(f, answer)?;
        }
        if !self.notes.is_empty() {
            writeln!(f, "\nnotes")?;
        }
        self.notes.iter().try_for_each(|note| writeln!(f, "  {note}"))
    }
}

fn endpoint(f: &mut fmt::Formatter<'_>, pick: &Pick) -> fmt::Result {
    writeln!(f, "\nendpoint")?;
    let certainty = if pick.is_certain { "always this one" } else { "this one, for example" };
    writeln!(f, "  -> {}  ({certainty}: {})", pick.url, pick.why)?;
    pick.others.iter().try_for_each(|other| writeln!(f, "  or {other}"))?;
    pick.out.iter().try_for_each(|out| writeln!(f, "  not {out}"))
}

fn sent(f: &mut fmt::Formatter<'_>, sends: &Sends) -> fmt::Result {
    writeln!(f, "\nsends, over {}", sends.protocol)?;
    indented(f, &sends.text)
}

fn answered(f: &mut fmt::Formatter<'_>, answer: &Answer) -> fmt::Result {
    let why = answer.why.as_ref().map_or_else(String::new, |why| format!(": {why}"));
    writeln!(f, "\nsends nothing, and answers {}{why}", answer.status)?;
    for (name, value) in &answer.headers {
        writeln!(f, "  {name}: {value}")?;
    }
    if answer.body.is_empty() {
        return Ok(());
    }
    writeln!(f)?;
    indented(f, &answer.body)
}

/// A terminal must not obey what a request says, so control characters are shown as escapes.
fn indented(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    for line in text.lines() {
        f.write_str("  ")?;
        for letter in line.chars() {
            match letter {
                '\t' => f.write_str("\t")?,
                letter if letter.is_control() => write!(f, "{}", letter.escape_default())?,
                letter => write!(f, "{letter}")?,
            }
        }
        writeln!(f)?;
    }
    Ok(())
}
