//! The line of a request, as a tracing event.

use std::time::Duration;

use super::EVENT;
use super::shown::{Address, Escaped};
use crate::observe::request::Finished;

/// Writes one event with the target `access` and level INFO for each request.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct AccessLog;

impl AccessLog {
    #[expect(clippy::unused_self, reason = "it will have settings")]
    pub(in crate::observe) fn write(&self, finished: &Finished<'_>) {
        let Finished { asked, stages, .. } = finished;
        tracing::info!(
            name: EVENT,
            target: "access",
            id = finished.id(),
            client = asked.client.map(|ip| display(Address(ip))),
            method = asked.method.as_ref().map(display),
            path = asked.uri.as_ref().map(|uri| display(Escaped(uri.path()))),
            status = finished.status.as_u16(),
            bytes = finished.bytes_out,
            duration_us = micros(stages.total),
            head_us = stages.first_byte.map(micros),
            route = finished.route.map(|route| route.name()),
            upstream = finished.upstream.map(|upstream| display(upstream.target())),
            tries = finished.tries,
            error = finished.error(),
        );
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
