//! Logs panics. The standard library's own hook writes to standard error directly, and would wait for the program that
//! reads it.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::panic::{self, PanicHookInfo};
use std::thread;

/// The target of panics in the log. Their level is ERROR.
pub(super) const TARGET: &str = "gateway::panic";

/// Logs all panics from now on, in every thread, with a backtrace if `RUST_BACKTRACE` asks for one.
pub(super) fn log_them() {
    panic::set_hook(Box::new(log));
}

fn log(panic: &PanicHookInfo<'_>) {
    let backtrace = Backtrace::capture();
    let backtrace =
        (backtrace.status() == BacktraceStatus::Captured).then(|| tracing::field::display(&backtrace));
    tracing::error!(
        target: TARGET,
        thread = thread::current().name(),
        at = panic.location().map(tracing::field::display),
        backtrace,
        "panicked: {}",
        panic.payload_as_str().unwrap_or("with something that isn't text")
    );
}

#[cfg(test)]
mod tests;
