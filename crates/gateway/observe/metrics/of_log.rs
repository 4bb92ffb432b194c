//! What is known of the log of this process.

use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::DescriptorEncoder;

use super::family::Family;
use crate::observe::log::dropped_lines;

static DROPPED: Family = Family::counter(
    "gateway_log_lines_dropped",
    &[],
    "Lines that were dropped, as whoever reads the log is too slow.",
);

/// The log.
#[derive(Debug)]
pub(super) struct OwnLog;

impl Collector for OwnLog {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        DROPPED.begin(&mut encoder)?.counter(&[], dropped_lines())
    }
}
