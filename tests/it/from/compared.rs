//! What the original and the gateway did with the same requests.

use std::collections::{BTreeMap, BTreeSet};

use super::asked::Outcome;
use super::readme::{Difference, To};
use super::requests::Request;
use crate::support::fields::Fields;

/// All that differs and isn't named, and what is named and doesn't differ.
pub(super) struct Compared {
    named: BTreeSet<Difference>,
    seen: BTreeSet<Difference>,
    problems: Vec<String>,
}

impl Compared {
    pub(super) fn but_for(named: impl IntoIterator<Item = Difference>) -> Self {
        Self { named: named.into_iter().collect(), seen: BTreeSet::new(), problems: Vec::new() }
    }

    pub(super) fn add(&mut self, request: &Request, theirs: &Outcome, ours: &Outcome) {
        let expected = request.ours.as_ref().unwrap_or(&request.expected);
        let unlike = [
            ("the original", theirs.unlike(&request.expected, &request.method)),
            ("the gateway", ours.unlike(expected, &request.method)),
        ];
        let mut is_as_expected = true;
        for (who, what) in unlike {
            let Some(what) = what else { continue };
            is_as_expected = false;
            self.problems.push(format!("{}\n    {who}: {what}", request.text));
        }
        if is_as_expected && request.ours.is_none() {
            self.compare(request, theirs, ours);
        }
    }

    fn compare(&mut self, request: &Request, theirs: &Outcome, ours: &Outcome) {
        self.compare_fields(request, To::Client, theirs.answer.headers(), ours.answer.headers());
        if let (Some(theirs), Some(ours)) = (&theirs.got, &ours.got) {
            self.compare_fields(request, To::Upstream, &theirs.fields, &ours.fields);
        }
        let is_encoded = theirs.answer.headers().has("content-encoding");
        if !is_encoded && theirs.answer.body.bytes != ours.answer.body.bytes {
            let (theirs, ours) = (theirs.answer.text(), ours.answer.text());
            self.problems.push(format!("{}\n    body: {theirs:?}, ours: {ours:?}", request.text));
        }
    }

    fn compare_fields(&mut self, request: &Request, to: To, theirs: &Fields, ours: &Fields) {
        let (theirs, ours) = (by_name(theirs), by_name(ours));
        let names: BTreeSet<&String> = theirs.keys().chain(ours.keys()).collect();
        for name in names {
            let (theirs, ours) = (theirs.get(name), ours.get(name));
            if theirs == ours {
                continue;
            }
            let difference = Difference { to, field: name.clone() };
            if !self.named.contains(&difference) {
                let what = format!("{name} to the {to:?}: {theirs:?}, ours: {ours:?}");
                self.problems.push(format!("{}\n    {what}", request.text));
            }
            self.seen.insert(difference);
        }
    }

    /// # Panics
    /// If there is anything to tell.
    pub(super) fn assert_alike(mut self) {
        for stale in self.named.difference(&self.seen) {
            self.problems.push(format!("{stale:?} is named, and is no difference"));
        }
        assert!(self.problems.is_empty(), "\n{}\n", self.problems.join("\n"));
    }
}

/// The values of each name, in lower case. Whose clock it was is no difference.
fn by_name(fields: &Fields) -> BTreeMap<String, Vec<&str>> {
    let mut by_name = BTreeMap::<String, Vec<&str>>::new();
    for (name, value) in &fields.0 {
        let name = name.to_ascii_lowercase();
        let value = if name == "date" { "" } else { value.as_str() };
        by_name.entry(name).or_default().push(value);
    }
    by_name
}
