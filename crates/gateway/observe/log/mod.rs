//! The log: written to standard error, as text or JSON, filtered by `RUST_LOG` (default `info`).
//!
//! A thread of its own writes the [`Log`]. So requests never wait for the program that reads it.

mod access;
mod clock;
mod intake;
mod missing;
mod panics;
mod queue;
mod shared;
mod target;
mod writer;

use std::io::{self, IsTerminal};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::{Directive, LevelFilter};
use tracing_subscriber::fmt::format::{Format, JsonFields};

pub use self::intake::Log;
use crate::cli::LogFormat;

/// Sets up the log of the process. Keep the result until the process ends. Panics are logged too, whatever the filter.
///
/// If there is a global tracing subscriber already, it stays, and panics aren't logged here. What is
/// [printed](Log::print) goes to standard error all the same.
///
/// # Errors
/// If the system can't start a thread or duplicate the descriptor of standard error.
pub fn init(format: LogFormat) -> io::Result<Log> {
    let log = Log::start(target::stderr()?, format)?;
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter())
        .with_writer(log.intake().clone())
        .with_ansi(io::stderr().is_terminal())
        .log_internal_errors(false);
    let usual = Format::default();
    let set = match format {
        LogFormat::Text => subscriber.event_format(access::Fast { form: access::Text, usual }).try_init(),
        LogFormat::Json => {
            let usual = usual.json().flatten_event(true);
            let fast = access::Fast { form: access::Json, usual };
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
