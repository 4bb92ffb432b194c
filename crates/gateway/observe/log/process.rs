//! `Log`: the log of the process.

use std::io;

use super::destination;
use super::lines::{Lines, Tap};
use crate::config;

/// The log of the process. A thread of its own writes the lines, so no other thread waits for that.
///
/// At most 2 MiB wait to be written. When there is no more room, further lines are dropped and counted, and the log
/// says how many as soon as there is room again. If writing fails, it is tried again and again.
///
/// Dropping it waits until all queued lines are written, for at most a second.
#[must_use = "what is queued when the process ends is lost unless this is dropped"]
#[derive(Debug)]
pub struct Log {
    lines: Lines,
}

impl Log {
    pub(super) fn start(config: &config::Log) -> io::Result<Self> {
        Ok(Self { lines: Lines::start(destination::open(&config.to)?, config.format)? })
    }

    #[cfg(test)]
    pub(super) fn to(target: super::target::Target) -> io::Result<Self> {
        Ok(Self { lines: Lines::start(target, config::LogFormat::Text)? })
    }

    pub(crate) fn tap(&self) -> Tap {
        self.lines.tap()
    }

    /// Writes text to the log as it is, whatever the log's format and filter.
    pub fn print(&self, text: &str) {
        self.lines.intake().take(text.as_bytes());
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        self.lines.finish();
    }
}
