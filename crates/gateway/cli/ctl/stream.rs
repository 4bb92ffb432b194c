//! `/events`: server-sent events (WHATWG HTML §9.2), and `gateway ctl events`, which prints them.

use std::collections::BTreeMap;
use std::pin::Pin;

use axum::body::Body;
use bytes::BytesMut;
use http_body::Body as _;
use serde::de::DeserializeOwned;

use super::columns::{printable, tenths};
use super::connection::Connection;
use super::form::Form;
use super::report;
use super::seen::{Failure, Pool, Pools, Snapshot, Tick};
use super::trouble::Trouble;
use crate::cli::output::say;

/// The longest event in bytes.
const LONGEST: usize = 16 << 20;

/// The events of a gateway, one after the other.
pub(super) struct Events {
    body: Pin<Box<Body>>,
    received: BytesMut,
}

/// An event: its name, and its data, which is JSON.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Event {
    pub(super) name: String,
    pub(super) data: String,
}

impl Events {
    pub(super) async fn of(connection: &Connection) -> Result<Self, Trouble> {
        Ok(Self::read_from(connection.stream("/events").await?))
    }

    pub(super) fn read_from(body: Body) -> Self {
        Self { body: Box::pin(body), received: BytesMut::new() }
    }

    /// The next event. `None` when the gateway ends them.
    pub(super) async fn next(&mut self) -> Result<Option<Event>, Trouble> {
        loop {
            if let Some(event) = self.take() {
                return Ok(Some(event));
            }
            if self.received.len() > LONGEST {
                return Err(Trouble::Here("the gateway sends an event without an end".to_owned()));
            }
            let body = &mut self.body;
            let frame = std::future::poll_fn(|cx| body.as_mut().poll_frame(cx)).await;
            match frame {
                None => return Ok(None),
                Some(Err(error)) => return Err(Trouble::Here(format!("the events broke off: {error}"))),
                Some(Ok(frame)) => {
                    if let Some(data) = frame.data_ref() {
                        self.received.extend_from_slice(data);
                    }
                }
            }
        }
    }

    /// Takes the first event out of what was received. Comments and events without data are left out.
    fn take(&mut self) -> Option<Event> {
        loop {
            let end = self.received.windows(2).position(|pair| pair == b"\n\n")?;
            let lines = self.received.split_to(end + 2);
            let event = read(&String::from_utf8_lossy(&lines));
            if !event.data.is_empty() {
                return Some(event);
            }
        }
    }
}

fn read(lines: &str) -> Event {
    let (mut name, mut data) = (String::new(), Vec::new());
    for line in lines.lines() {
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => name = value.to_owned(),
            "data" => data.push(value),
            _ => {}
        }
    }
    Event { name, data: data.join("\n") }
}

impl Event {
    /// Its data. What can't be read is as if nothing had been said.
    pub(super) fn read<T: DeserializeOwned + Default>(&self) -> T {
        serde_json::from_str(&self.data).unwrap_or_default()
    }
}

/// Prints the snapshot that events begin with, or goes on with everything that follows.
pub(super) async fn print(connection: &Connection, follow: bool, form: Form) -> Result<(), Trouble> {
    let mut events = Events::of(connection).await?;
    let mut told = Told::default();
    while let Some(event) = events.next().await? {
        match form {
            Form::Json => say(&format!("{}\n", as_json(&event))),
            Form::Tables => say(&told.text(&event)),
        }
        if !follow {
            break;
        }
    }
    Ok(())
}

/// One line: the event's name, and its data as it came.
fn as_json(event: &Event) -> String {
    format!("{{\"event\":\"{}\",\"data\":{}}}", event.name, event.data.replace('\n', " "))
}

/// What was said of each endpoint last, so that only changes are printed.
#[derive(Default)]
pub(super) struct Told {
    states: BTreeMap<(String, String), String>,
}

impl Told {
    pub(super) fn text(&mut self, event: &Event) -> String {
        match event.name.as_str() {
            "snapshot" => {
                let Snapshot { status, pools, .. } = event.read();
                self.changes(&pools);
                format!("{}\n{}", report::status(&status), report::pools(&Pools { pools }))
            }
            "tick" => {
                let Tick { pools, sample, .. } = event.read();
                let changes = self.changes(&pools);
                let Some(sample) = sample else { return changes };
                let (p50, p99) = (tenths(sample.p50_ms), tenths(sample.p99_ms));
                let line = format!(
                    "{}  {:.0} requests  {:.0} errors  {:.0} in flight  p50 {p50} ms  p99 {p99} ms\n",
                    sample.at, sample.requests, sample.errors, sample.in_flight
                );
                changes + &line
            }
            "pools" => self.changes(&event.read::<Pools>().pools),
            "failure" => report::failure(&event.read::<Failure>()) + "\n",
            _ => String::new(),
        }
    }

    /// A line for each endpoint whose state is another one.
    fn changes(&mut self, pools: &[Pool]) -> String {
        let mut lines = String::new();
        for pool in pools {
            for endpoint in &pool.endpoints {
                let key = (pool.name.clone(), endpoint.url.clone());
                let before = self.states.insert(key, endpoint.state.clone());
                if before.as_ref().is_some_and(|before| *before != endpoint.state) {
                    let why = endpoint.why.as_deref().unwrap_or_default();
                    let line = format!("{}  {}  is {}  {why}", pool.name, endpoint.url, endpoint.state);
                    lines += printable(&line).trim_end();
                    lines.push('\n');
                }
            }
        }
        lines
    }
}
