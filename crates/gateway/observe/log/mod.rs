//! The log: text or JSON, filtered by `RUST_LOG` (default `info`), written to standard error or elsewhere.
//!
//! - `process`: the [`Log`] of the process. `lines`: a queue of lines and the thread that writes them, so that requests
//!   never wait for who reads them; `intake`, `queue`, `shared`, `writer`: its parts.
//! - `destination`: opens where lines go; `target`, `syslog`: what they are written to.
//! - `logs`: which queues a gateway has, and what a reload does with them.
//! - `access`: the two forms of lines, and the quick way to them. `clock`: times. `missing`: what was dropped.

mod access;
pub(crate) mod clock;
mod destination;
mod intake;
mod lines;
mod logs;
mod missing;
mod panics;
mod process;
mod queue;
mod shared;
mod syslog;
mod target;
mod writer;

use std::io::{self, IsTerminal};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::{Directive, LevelFilter};
use tracing_subscriber::fmt::format::{Format, JsonFields};

#[cfg(test)]
pub(crate) use self::access::Fast;
pub(crate) use self::access::{EVENT, Form, Json, Text, Value};
pub(crate) use self::intake::Intake;
pub(crate) use self::lines::Lines;
pub use self::logs::LogError;
pub(crate) use self::logs::{Logs, Turned};
pub use self::process::Log;
pub use self::shared::dropped_lines;
use crate::config::{self, Destination, LogFormat};

/// Sets up the log of the process as a configuration says. Keep the result until the process ends. Panics are logged
/// too, whatever the filter.
///
/// If there is a global tracing subscriber already, it stays, and panics aren't logged here. What is
/// [printed](Log::print) goes to the log all the same.
///
/// # Errors
/// If the system can't start a thread or open the destination.
pub fn init(config: &config::Log) -> io::Result<Log> {
    let log = Log::start(config)?;
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter())
        .with_writer(log.tap().intake().clone())
        .with_ansi(config.to == Destination::Stderr && io::stderr().is_terminal())
        .log_internal_errors(false);
    let usual = Format::default();
    let set = match config.format {
        LogFormat::Text => subscriber.event_format(access::Fast { form: Text, usual }).try_init(),
        LogFormat::Json => {
            let usual = usual.json().flatten_event(true);
            let fast = access::Fast { form: Json, usual };
            subscriber.fmt_fields(JsonFields::new()).event_format(fast).try_init()
        }
    };
    if set.is_ok() {
        panics::log_them();
    }
    Ok(log)
}

fn filter() -> EnvFilter {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    filter.add_directive(panics_pass())
}

fn panics_pass() -> Directive {
    let directive = format!("{}={}", panics::TARGET, LevelFilter::ERROR);
    directive.parse().expect("a target and a level are a directive")
}
