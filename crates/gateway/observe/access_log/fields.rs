//! The fields of a line in text or JSON.

use std::borrow::Cow;

use tracing::field::display;

use super::shown::{Address, Escaped, micros};
use super::value::name_of;
use crate::config::{self, Detail, LogFormat};
use crate::observe::log::Value;
use crate::observe::request::Finished;

/// Which fields a line has.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Fields {
    pub(super) full: bool,
    pub(super) user_agent: bool,
    pub(super) referrer: bool,
}

impl Fields {
    /// Those of a line in this format.
    pub(super) fn of(config: &config::AccessLog, format: LogFormat) -> Self {
        let usual = match format {
            LogFormat::Text => Detail::Usual,
            LogFormat::Json => Detail::Full,
        };
        let full = config.fields.unwrap_or(usual) == Detail::Full;
        Self { full, user_agent: config.user_agent, referrer: config.referrer }
    }

    /// Whether a line has the usual fields and no others.
    pub(super) fn are_usual(&self) -> bool {
        !(self.full || self.user_agent || self.referrer)
    }

    /// Passes each field that has a value, in the order of the line: as the event has them.
    pub(super) fn each(&self, finished: &Finished<'_>, put: &mut dyn FnMut(&'static str, Value<'_>)) {
        self.each_usual(finished, put);
        if self.full {
            each_further(finished, put);
        }
        let asked = finished.asked;
        let user_agent = asked.user_agent.as_ref().filter(|_| self.user_agent);
        if let Some(agent) = user_agent {
            put("user_agent", Value::Quoted(&readable(agent.as_bytes())));
        }
        if let Some(referrer) = asked.referrer().filter(|_| self.referrer) {
            put("referrer", Value::Quoted(&readable(referrer)));
        }
    }

    fn each_usual(&self, finished: &Finished<'_>, put: &mut dyn FnMut(&'static str, Value<'_>)) {
        let (asked, stages) = (finished.asked, &finished.stages);
        if let Some(id) = finished.id() {
            put("id", Value::Quoted(id));
        }
        if let Some(ip) = asked.client {
            put("client", Value::Shown(&display(Address(ip))));
        }
        if let Some(method) = &asked.method {
            put("method", Value::Shown(&display(method)));
        }
        if let Some(uri) = &asked.uri {
            put("path", Value::Shown(&display(Escaped(uri.path().as_bytes()))));
        }
        put("status", Value::Number(finished.status.as_u16().into()));
        put("bytes", Value::Number(finished.bytes_out));
        put("duration_us", Value::Number(micros(stages.total)));
        if let Some(head) = stages.first_byte {
            put("head_us", Value::Number(micros(head)));
        }
        if let Some(route) = finished.route {
            put("route", Value::Quoted(route.name()));
        }
        if let Some(upstream) = finished.upstream {
            put("upstream", Value::Shown(&display(upstream.target())));
        }
        put("tries", Value::Number(finished.tries.into()));
        if let Some(error) = finished.error() {
            put("error", Value::Quoted(error));
        }
    }
}

fn each_further(finished: &Finished<'_>, put: &mut dyn FnMut(&'static str, Value<'_>)) {
    let (asked, stages) = (finished.asked, &finished.stages);
    if let Some(host) = asked.host() {
        put("host", Value::Quoted(&readable(host)));
    }
    if let Some(user) = finished.user {
        put("user", Value::Quoted(&readable(user.name().as_bytes())));
    }
    put("protocol", Value::Quoted(name_of(asked.version)));
    if let Some(tls) = asked.tls {
        put("tls", Value::Quoted(tls));
    }
    put("bytes_in", Value::Number(finished.bytes_in));
    for (name, stage) in [("connect_us", stages.connect), ("send_us", stages.send), ("body_us", stages.body)]
    {
        if let Some(stage) = stage {
            put(name, Value::Number(micros(stage)));
        }
    }
    put("ended", Value::Quoted(finished.ended.as_str()));
}

/// What a client has sent, as text that is safe in a line.
pub(super) fn readable(sent: &[u8]) -> Cow<'_, str> {
    let is_plain = |byte: &u8| matches!(byte, b' '..=b'~');
    match str::from_utf8(sent) {
        Ok(text) if sent.len() <= Escaped::MOST && sent.iter().all(is_plain) => Cow::Borrowed(text),
        _ => Cow::Owned(Escaped(sent).to_string()),
    }
}
