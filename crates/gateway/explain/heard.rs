//! What the layers would write to the log about a request: the reason why it is refused.

use std::fmt::{self, Write as _};

use tokio::sync::mpsc::{Receiver, Sender, channel};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// The targets of events about requests that are refused.
const TARGETS: [&str; 2] = ["proxy_service::error", "admin_auth"];

/// The fields of such events in which the reason is.
const REASONS: [&str; 2] = ["error", "admin.reason"];

/// How many reasons are kept. A request has one.
const MOST: usize = 4;

/// Takes the place of the log: nothing is written.
pub(super) struct Ear(Sender<String>);

/// An ear, and what it hears.
pub(super) fn ear() -> (Ear, Receiver<String>) {
    let (says, hears) = channel(MOST);
    (Ear(says), hears)
}

impl Subscriber for Ear {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && TARGETS.contains(&metadata.target())
    }

    fn event(&self, event: &Event<'_>) {
        let mut reason = Reason(String::new());
        event.record(&mut reason);
        if !reason.0.is_empty() {
            let _enough_was_heard = self.0.try_send(reason.0);
        }
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Reason(String);

impl Visit for Reason {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if REASONS.contains(&field.name()) {
            let _never_fails = write!(self.0, "{value:?}");
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if REASONS.contains(&field.name()) {
            self.0.push_str(value);
        }
    }
}
