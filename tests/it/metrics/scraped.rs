//! Reads what was scraped.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use gateway::live::Handle;
use gateway::observe::metrics::Exposition;

use crate::support::gateway::TestGateway;
use crate::support::within;

/// A scrape in OpenMetrics, read.
#[derive(Debug)]
pub(super) struct Scraped {
    text: String,
    /// The type of each family, by its name without the suffixes of its samples.
    pub(super) types: BTreeMap<String, String>,
    pub(super) units: BTreeMap<String, String>,
}

impl Scraped {
    pub(super) fn from(handle: &Handle) -> Self {
        Self::read(handle.metrics(Exposition::OpenMetrics))
    }

    pub(super) fn read(text: String) -> Self {
        assert!(text.ends_with("# EOF\n"), "{text}");
        let described = |keyword: &str| -> BTreeMap<String, String> {
            let lines = text.lines().filter_map(|line| line.strip_prefix(keyword)?.split_once(' '));
            lines.map(|(name, what)| (name.to_owned(), what.to_owned())).collect()
        };
        Self { types: described("# TYPE "), units: described("# UNIT "), text }
    }

    /// All samples: names with labels, and values.
    pub(super) fn samples(&self) -> impl Iterator<Item = (&str, f64)> {
        let lines = self.text.lines().filter(|line| !line.starts_with('#'));
        lines.map(|line| {
            let (name, value) = line.rsplit_once(' ').unwrap();
            (name, value.parse().unwrap())
        })
    }

    /// The value of the sample that has this name and these labels, written as in the text. 0 if there is none.
    pub(super) fn value(&self, sample: &str) -> f64 {
        let mut found = self.samples().filter(|(name, _)| *name == sample);
        found.next().map_or(0.0, |(_, value)| value)
    }

    /// The sum of all samples of this name.
    pub(super) fn sum(&self, name: &str) -> f64 {
        let of_name = self.samples().filter(|(sample, _)| sample.split('{').next() == Some(name));
        of_name.map(|(_, value)| value).sum()
    }

    /// Whether a sample has this text in its name or labels.
    pub(super) fn has(&self, text: &str) -> bool {
        self.samples().any(|(sample, _)| sample.contains(text))
    }

    /// The names of the labels that samples of this family have.
    pub(super) fn labels(&self, family: &str) -> BTreeSet<&str> {
        let samples = self.samples().filter_map(|(sample, _)| sample.split_once('{'));
        let of_family = samples.filter(|(name, _)| {
            *name == family
                || name.strip_prefix(family).is_some_and(|suffix| ["_total", "_bucket"].contains(&suffix))
        });
        let names = of_family.flat_map(|(_, labels)| labels.trim_end_matches('}').split("\","));
        names.filter_map(|label| label.split('=').next()).collect()
    }
}

/// `/api`, `/static` and, with a token, `/admin` over one upstream.
pub(super) fn routes_to(upstream: SocketAddr) -> String {
    let routes =
        ["/api", "/static", "/admin"].map(|prefix| format!("[routes.\"{prefix}\"]\npool = \"all\"\n"));
    format!(
        "[pools.all]\nupstreams = [\"http://{upstream}\"]\n{}admin_tokens = [\"letmein\"]\n",
        routes.concat()
    )
}

/// Waits until what is scraped is as it should be.
pub(super) async fn until(gateway: &TestGateway, what: &str, is_so: impl Fn(&Scraped) -> bool) {
    let scraping = async {
        while !is_so(&Scraped::from(&gateway.handle)) {
            tokio::task::yield_now().await;
        }
    };
    within(what, scraping).await;
}
