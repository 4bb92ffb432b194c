//! What Prometheus is told of the listeners' certificates.

use std::collections::BTreeMap;
use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use prometheus_client::collector::Collector;
use prometheus_client::encoding::DescriptorEncoder;

use super::terminators::Terminators;
use crate::observe::metrics::Family;

static EXPIRY: Family = Family::gauge(
    "gateway_certificate_expiry_timestamp",
    &["listener", "names"],
    "When the certificate expires, since 1970.",
)
.in_seconds();

/// The certificates of all listeners.
#[derive(Debug)]
pub(crate) struct MeasuredCertificates(Terminators);

impl MeasuredCertificates {
    pub(crate) fn of(terminators: Terminators) -> Self {
        Self(terminators)
    }
}

impl Collector for MeasuredCertificates {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut values = EXPIRY.begin(&mut encoder)?;
        // Of several for the same names, such as one with RSA and one with ECDSA, the one that expires first.
        let mut first: BTreeMap<(String, String), SystemTime> = BTreeMap::new();
        for (address, facts) in self.0.facts() {
            let expiry = first.entry((address.to_string(), facts.title())).or_insert(facts.not_after);
            *expiry = facts.not_after.min(*expiry);
        }
        first.iter().try_for_each(|((listener, names), expiry)| {
            let since_1970 = expiry.duration_since(UNIX_EPOCH).unwrap_or_default();
            values.gauge(&[listener, names], since_1970.as_secs_f64())
        })
    }
}
