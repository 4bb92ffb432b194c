//! The last 15 minutes, a value for each second.

use std::time::{Duration, SystemTime};

use serde::Serialize;

use super::moment::Moment;
use crate::live::Handle;
use crate::observe::history;

/// The last 15 minutes: one value for each second, oldest first.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct History {
    /// From one value to the next, in seconds.
    step: u32,
    /// The time of the last value.
    until: Moment,
    requests: Vec<u64>,
    errors: Vec<u64>,
    in_flight: Vec<u64>,
    p50_ms: Vec<Option<f64>>,
    p99_ms: Vec<Option<f64>>,
}

/// One second.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Sample {
    at: Moment,
    requests: u64,
    errors: u64,
    in_flight: u64,
    p50_ms: Option<f64>,
    p99_ms: Option<f64>,
}

impl History {
    pub(crate) fn of(handle: &Handle) -> Self {
        let samples = handle.observed().history().samples();
        let samples: Vec<Sample> = samples.iter().map(Sample::of).collect();
        Self {
            step: 1,
            until: samples.last().map_or_else(|| Moment(SystemTime::now()), |last| last.at),
            requests: samples.iter().map(|sample| sample.requests).collect(),
            errors: samples.iter().map(|sample| sample.errors).collect(),
            in_flight: samples.iter().map(|sample| sample.in_flight).collect(),
            p50_ms: samples.iter().map(|sample| sample.p50_ms).collect(),
            p99_ms: samples.iter().map(|sample| sample.p99_ms).collect(),
        }
    }
}

impl Sample {
    /// That of the last second. `None` in the first one.
    pub(crate) fn last(handle: &Handle) -> Option<Self> {
        handle.observed().history().last().as_ref().map(Self::of)
    }

    fn of(sample: &history::Sample) -> Self {
        Self {
            at: Moment(sample.at),
            requests: sample.requests,
            errors: sample.errors,
            in_flight: sample.in_flight,
            p50_ms: sample.p50.map(millis),
            p99_ms: sample.p99.map(millis),
        }
    }
}

/// A duration in milliseconds, to a microsecond.
pub(super) fn millis(duration: Duration) -> f64 {
    duration.as_micros() as f64 / 1000.0
}
