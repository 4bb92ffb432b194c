//! What the log is told of a source: each change, once.

use super::found::Found;
use super::looked::Trouble;
use crate::config::Location;

/// What the log knows of a source.
#[derive(Debug)]
pub(super) struct News {
    upstream: String,
    found: Option<Vec<Found>>,
    trouble: Option<Trouble>,
}

impl News {
    pub(super) fn of(location: &Location) -> Self {
        Self { upstream: location.to_string(), found: None, trouble: None }
    }

    /// The source has looked, and `found` is what the pool has of it now: `None` if it never found anything.
    pub(super) fn tell(&mut self, found: Option<&[Found]>, trouble: Option<Trouble>) {
        if self.found.as_deref() != found {
            self.tell_found(found.unwrap_or_default());
            self.found = found.map(<[Found]>::to_vec);
        }
        if self.trouble != trouble {
            self.tell_trouble(trouble.as_ref());
            self.trouble = trouble;
        }
    }

    fn tell_found(&self, found: &[Found]) {
        const MOST_NAMED: usize = 8;
        let named: Vec<String> = found.iter().take(MOST_NAMED).map(|one| one.target().to_string()).collect();
        let more = if found.len() > MOST_NAMED { ", …" } else { "" };
        tracing::info!(
            target: "gateway::discovery",
            upstream = self.upstream,
            endpoints = found.len(),
            "found {}{more}",
            named.join(", ")
        );
    }

    fn tell_trouble(&self, trouble: Option<&Trouble>) {
        let (upstream, kept) = (&self.upstream, self.found.as_ref().map_or(0, Vec::len));
        match trouble {
            Some(why) => tracing::warn!(
                target: "gateway::discovery",
                upstream,
                kept,
                %why,
                "can't look up where it is: what was found last is kept"
            ),
            None => tracing::info!(target: "gateway::discovery", upstream, "it can be looked up again"),
        }
    }
}
