//! Panics are lines of the log as well: the standard library's hook would wait for who reads standard error.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::panic::{self, PanicHookInfo};
use std::thread;

/// Where they are logged from, at ERROR.
pub(super) const TARGET: &str = "gateway::panic";

/// From now on, in every thread. A backtrace is with them where `RUST_BACKTRACE` asks for one.
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
