//! The value of `x-gateway-pick`, parsed: `http://HOST; index=0; policy=round-robin; version=1; attempt=1;
//! skipped="http://OTHER ejected"`.

use crate::support::raw::Response;

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) target: String,
    pub(crate) index: usize,
    pub(crate) policy: String,
    pub(crate) version: u64,
    pub(crate) attempt: u32,
    /// The endpoint that was skipped, and the reason.
    pub(crate) skipped: Vec<(String, String)>,
}

impl Told {
    /// The request went to the first endpoint by round robin, and none was skipped.
    pub(crate) fn plain(target: &str, index: usize) -> Self {
        let policy = "round-robin".to_owned();
        Self { target: target.to_owned(), index, policy, version: 1, attempt: 1, skipped: Vec::new() }
    }

    pub(crate) fn attempt(self, attempt: u32) -> Self {
        Self { attempt, ..self }
    }

    pub(crate) fn policy(self, policy: &str) -> Self {
        Self { policy: policy.to_owned(), ..self }
    }

    pub(crate) fn skipping(mut self, target: &str, why: &str) -> Self {
        self.skipped.push((target.to_owned(), why.to_owned()));
        self
    }

    /// # Panics
    /// If there is no such header, or if it has another form.
    pub(crate) fn by(response: &Response) -> Self {
        let value = response.header("x-gateway-pick").unwrap_or_else(|| panic!("not told: {response:?}"));
        Self::parse(value).unwrap_or_else(|| panic!("{value}"))
    }

    /// It has exactly these parts, in this order.
    pub(crate) fn parse(value: &str) -> Option<Self> {
        let mut parts = value.split("; ");
        let target = parts.next()?.to_owned();
        let index = parts.next()?.strip_prefix("index=")?.parse().ok()?;
        let policy = parts.next()?.strip_prefix("policy=")?.to_owned();
        let version = parts.next()?.strip_prefix("version=")?.parse().ok()?;
        let attempt = parts.next()?.strip_prefix("attempt=")?.parse().ok()?;
        let skipped = parts.next().map_or(Some(Vec::new()), skipped)?;
        parts.next().is_none().then_some(Self { target, index, policy, version, attempt, skipped })
    }
}

fn skipped(part: &str) -> Option<Vec<(String, String)>> {
    let list = part.strip_prefix("skipped=\"")?.strip_suffix('"')?;
    let one = |skipped: &str| skipped.split_once(' ').map(|(who, why)| (who.to_owned(), why.to_owned()));
    list.split(", ").map(one).collect()
}
