//! What Prometheus is told of the configuration that runs.

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use prometheus_client::collector::Collector;
use prometheus_client::encoding::DescriptorEncoder;

use super::status::Statuses;
use crate::observe::metrics::Family;

static BUILD: Family =
    Family::gauge("gateway_build_info", &["version"], "The version that runs. The value is always 1.");
static GENERATION: Family = Family::gauge(
    "gateway_config_generation",
    &[],
    "The number of the configuration that runs. The gateway starts with 1, and each that is applied counts up.",
);
static APPLIED: Family = Family::gauge(
    "gateway_config_applied_timestamp",
    &[],
    "When the configuration that runs was applied, since 1970.",
)
.in_seconds();
static IS_REFUSED: Family = Family::gauge(
    "gateway_config_last_reload_refused",
    &[],
    "1 if the last attempt to change the configuration was refused, so that an older one still runs.",
);
static REFUSED: Family = Family::gauge(
    "gateway_config_refused_timestamp",
    &[],
    "When the last attempt was refused, since 1970. It is there only if it was.",
)
.in_seconds();

/// The status of the configuration.
#[derive(Debug)]
pub(super) struct MeasuredStatus(pub(super) Statuses);

impl Collector for MeasuredStatus {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let status = self.0.load();
        BUILD.begin(&mut encoder)?.gauge(&[env!("CARGO_PKG_VERSION")], 1_u64)?;
        GENERATION.begin(&mut encoder)?.gauge(&[], status.generation)?;
        APPLIED.begin(&mut encoder)?.gauge(&[], since_1970(status.since))?;
        IS_REFUSED.begin(&mut encoder)?.gauge(&[], u64::from(status.refused.is_some()))?;
        let mut values = REFUSED.begin(&mut encoder)?;
        status.refused.as_ref().map_or(Ok(()), |refused| values.gauge(&[], since_1970(refused.at)))
    }
}

fn since_1970(time: SystemTime) -> f64 {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}
