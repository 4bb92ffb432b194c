//! What the listeners take from the configuration: the options of connections that are to come, and how many there may
//! be.

use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::config::Config;
use crate::serve::{Limits, LiveOptions, Options, Refusals, Room};

/// The terms on which listeners serve. Clones are the same ones.
#[derive(Clone, Debug)]
pub(crate) struct Terms {
    options: LiveOptions,
    room: Room,
}

impl Terms {
    pub(super) fn of(config: &Config) -> Self {
        let options = options(config);
        let room = Room::for_connections(options.limits.connections);
        Self { options: Arc::new(ArcSwap::from_pointee(options)), room }
    }

    pub(crate) fn options(&self) -> &LiveOptions {
        &self.options
    }

    pub(crate) fn room(&self) -> &Room {
        &self.room
    }

    /// Changes them for connections that are to come. If there may be fewer than are open, the future waits for their
    /// ends; until then no further one is accepted.
    pub(super) fn change(&self, config: &Config) -> impl Future<Output = ()> + Send + use<> {
        let (before, after) = (self.options.load_full(), options(config));
        self.options.store(Arc::new(after));
        self.room.resize(before.limits.connections, after.limits.connections)
    }
}

fn options(config: &Config) -> Options {
    Options { header_case: config.header_case, refusals: Refusals::PassedOn, ..limits(config).into() }
}

fn limits(config: &Config) -> Limits {
    let mut limits = Limits::default();
    limits.request_head = config.timeouts.request_head;
    limits.keep_alive_idle = config.timeouts.keep_alive;
    limits.write_stall = config.timeouts.body_idle;
    limits.shutdown = config.timeouts.shutdown;
    limits.header_section_bytes = config.limits.header_section;
    limits.header_fields = config.limits.header_fields;
    limits.uri_bytes = config.limits.uri;
    limits.connections = config.limits.connections;
    limits.within_open_file_limit()
}
