//! The thread that writes the log.

use std::io::{ErrorKind, Write};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crate::cli::LogFormat;

use super::missing;
use super::queue::Drain;
use super::shared::Shared;
use super::target::Target;

/// How long lines gather while there is traffic, so that many of them are one write.
const GATHER: Duration = Duration::from_millis(10);
/// How long a target that can't be written to is left alone.
const AGAIN: Duration = Duration::from_millis(200);

pub(super) struct Writer<W> {
    drain: Drain,
    shared: Arc<Shared>,
    target: Target<W>,
    format: LogFormat,
    /// What is being written: whole lines, less what of them was written already.
    batch: Vec<u8>,
    /// How much was taken since the queue was empty, or the dropped lines were counted.
    taken: usize,
}

enum Written {
    /// All of it.
    Whole,
    /// The target takes nothing just now.
    NotNow,
    /// It can't be written to.
    Failed,
}

impl<W: Write> Writer<W> {
    pub(super) fn new(drain: Drain, shared: Arc<Shared>, target: Target<W>, format: LogFormat) -> Self {
        let batch = Vec::with_capacity(target.most);
        Self { drain, shared, target, format, batch, taken: 0 }
    }

    /// Writes until it is told to end and nothing is left, or nothing can be written any more.
    pub(super) fn run(mut self) {
        loop {
            let is_ending = self.shared.is_ending();
            self.fill();
            if self.batch.is_empty() {
                if is_ending {
                    return;
                }
                self.shared.sleep_unless(|| !self.drain.is_empty());
                continue;
            }
            match self.write() {
                Written::Whole if is_ending || !self.drain.is_empty() => {}
                Written::Whole | Written::NotNow => thread::park_timeout(GATHER),
                Written::Failed if is_ending => return,
                Written::Failed => thread::park_timeout(AGAIN),
            }
        }
    }

    /// Takes what waits, unless something is left from before.
    fn fill(&mut self) {
        if self.batch.is_empty() {
            self.drain.take(&mut self.batch, self.target.most);
            self.taken += self.batch.len();
            // In either case all that was queued before a line was dropped stands above.
            if self.drain.is_empty() || self.taken >= self.drain.capacity() {
                self.taken = 0;
                self.say_what_is_missing();
            }
        }
    }

    fn say_what_is_missing(&mut self) {
        let dropped = self.shared.take_dropped();
        if dropped > 0 {
            missing::say(dropped, self.format, &mut self.batch);
        }
    }

    fn write(&mut self) -> Written {
        let mut written = 0;
        let outcome = loop {
            let Some(rest) = self.batch.get(written..).filter(|rest| !rest.is_empty()) else {
                break Written::Whole;
            };
            match self.target.writer.write(rest) {
                Ok(0) => break Written::Failed,
                Ok(count) => written += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => break Written::NotNow,
                Err(_) => break Written::Failed,
            }
        };
        self.batch.drain(..written);
        outcome
    }
}

#[cfg(test)]
mod tests;
