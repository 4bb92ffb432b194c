//! The thread that writes the log.

use std::io::ErrorKind;
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::thread;
use std::time::Duration;

use crate::config::LogFormat;

use super::missing;
use super::queue::Drain;
use super::shared::Shared;
use super::target::Target;

/// The pause after a write, in which lines are collected so that one write has many of them.
const GATHER: Duration = Duration::from_millis(10);
/// The pause after a write that failed.
const AGAIN: Duration = Duration::from_millis(200);

pub(super) struct Writer {
    drain: Drain,
    shared: Arc<Shared>,
    /// Other targets to turn to.
    turns: Receiver<Target>,
    target: Target,
    format: LogFormat,
    /// The bytes that were taken from the queue and are not written yet.
    batch: Vec<u8>,
    /// How many bytes were taken since dropped lines were last looked for.
    taken: usize,
}

enum Written {
    /// Everything was written.
    Whole,
    /// The target takes no more bytes for now.
    NotNow,
    /// Writing failed.
    Failed,
}

impl Writer {
    pub(super) fn new(
        drain: Drain,
        shared: Arc<Shared>,
        turns: Receiver<Target>,
        target: Target,
        format: LogFormat,
    ) -> Self {
        let batch = Vec::with_capacity(target.most);
        Self { drain, shared, turns, target, format, batch, taken: 0 }
    }

    /// Writes lines until it is told to end. Then it writes what is left, and returns. It also returns if that fails.
    pub(super) fn run(mut self) {
        loop {
            let is_ending = self.shared.is_ending();
            // All that was taken is written, or the target failed. Then the rest, which may begin within a line, goes to
            // the next one.
            if let Ok(target) = self.turns.try_recv() {
                self.target = target;
            }
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

    /// Takes lines from the queue, if everything from the last time is written.
    fn fill(&mut self) {
        if self.batch.is_empty() {
            self.drain.take(&mut self.batch, self.target.most);
            self.taken += self.batch.len();
            // The line that counts dropped lines must come after all lines that were queued before the first of them
            // was dropped. Those have been taken if the queue is empty, or if as many bytes were taken as it can hold.
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
