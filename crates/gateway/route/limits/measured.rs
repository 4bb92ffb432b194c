//! What Prometheus is told of the limits.

use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwap;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::DescriptorEncoder;

use super::kept::Kept;
use crate::observe::metrics::Family;

static REFUSED: Family = Family::counter(
    "gateway_rate_limit_refused",
    &["route", "limit"],
    "Requests that a rate limit has refused.",
);
static BUFFERED: Family =
    Family::gauge("gateway_request_buffers", &[], "Memory for requests' bodies that are read first.")
        .in_bytes();
static CONNECTED: Family =
    Family::gauge("gateway_redis_connected", &[], "1 if there is a connection to Redis, for shared limits.");
static ASKED: Family = Family::counter(
    "gateway_redis_decisions",
    &["result"],
    "Requests that Redis was asked about, by what came of it.",
);

/// The limits that are in force. Clones are the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct MeasuredLimits(Arc<ArcSwap<Kept>>);

impl MeasuredLimits {
    /// From now on, these are in force.
    pub(crate) fn turn_to(&self, kept: &Arc<Kept>) {
        self.0.store(Arc::clone(kept));
    }
}

impl Collector for MeasuredLimits {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let kept = self.0.load();
        let mut values = REFUSED.begin(&mut encoder)?;
        kept.all_counters().try_for_each(|(route, counter)| {
            values.counter(&[route, &counter.limit().name], counter.refused())
        })?;
        BUFFERED.begin(&mut encoder)?.gauge(&[], kept.buffered() as u64)?;
        let common = kept.common();
        let mut values = CONNECTED.begin(&mut encoder)?;
        common.map_or(Ok(()), |common| values.gauge(&[], u64::from(common.is_connected())))?;
        let mut values = ASKED.begin(&mut encoder)?;
        let results = common.into_iter().flat_map(|common| common.results());
        results.into_iter().try_for_each(|(result, count)| values.counter(&[result], count))
    }
}
