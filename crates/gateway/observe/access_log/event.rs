//! The line of a request as a tracing event.

use super::fields::{Fields, readable};
use super::shown::{Address, Escaped, micros};
use super::value::name_of;
use crate::observe::log::EVENT;
use crate::observe::request::Finished;

/// One event with the target `access` and level INFO. It has the usual fields, and `more`.
macro_rules! event {
    ($finished:expr $(, $more:ident = $value:expr)* $(,)?) => {{
        let finished: &Finished<'_> = $finished;
        let (asked, stages) = (finished.asked, &finished.stages);
        tracing::info!(
            name: EVENT,
            target: "access",
            id = finished.id(),
            client = asked.client.map(|ip| display(Address(ip))),
            method = asked.method.as_ref().map(display),
            path = asked.uri.as_ref().map(|uri| display(Escaped(uri.path().as_bytes()))),
            status = finished.status.as_u16(),
            bytes = finished.bytes_out,
            duration_us = micros(stages.total),
            head_us = stages.first_byte.map(micros),
            route = finished.route.map(|route| route.name()),
            upstream = finished.upstream.map(|upstream| display(upstream.target())),
            tries = finished.tries,
            error = finished.error(),
            $($more = $value,)*
        );
    }};
}

pub(super) fn write(finished: &Finished<'_>, fields: &Fields) {
    if fields.are_usual() {
        event!(finished);
    } else {
        with_more(finished, fields);
    }
}

fn with_more(finished: &Finished<'_>, fields: &Fields) {
    let (asked, stages) = (finished.asked, &finished.stages);
    let full = fields.full.then_some(finished);
    let host = full.and_then(|_| asked.host()).map(readable);
    let user = full.and(finished.user).map(|user| readable(user.name().as_bytes()));
    let user_agent = asked.user_agent.as_ref().filter(|_| fields.user_agent);
    let user_agent = user_agent.map(|agent| readable(agent.as_bytes()));
    let referrer = asked.referrer().filter(|_| fields.referrer).map(readable);
    event!(
        finished,
        host = host.as_deref(),
        user = user.as_deref(),
        protocol = full.map(|full| name_of(full.asked.version)),
        tls = full.and_then(|full| full.asked.tls),
        bytes_in = full.map(|full| full.bytes_in),
        connect_us = full.and(stages.connect).map(micros),
        send_us = full.and(stages.send).map(micros),
        body_us = full.and(stages.body).map(micros),
        ended = full.map(|full| full.ended.as_str()),
        user_agent = user_agent.as_deref(),
        referrer = referrer.as_deref(),
    );
}
