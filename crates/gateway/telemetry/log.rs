//! The way of a line into the log, and the log's end.

use std::convert::Infallible;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::thread::{self, Thread};
use std::time::Duration;

use tracing_subscriber::fmt::MakeWriter;

use crate::cli::LogFormat;

use super::queue::{Queue, queue};
use super::shared::Shared;
use super::target::Target;
use super::writer::Writer;

/// What waits to be written, at most: some 8,000 lines of the access log.
const QUEUE_BYTES: usize = 2 << 20;
/// How long the end of the log is waited for.
const END: Duration = Duration::from_secs(1);

/// The process's log: what is handed to it is written by a thread of its own, and nobody ever waits for that.
///
/// At most 2 MiB wait to be written. Lines that come when there is no more room are dropped, counted, and the log says how
/// many they were as soon as there is room again. A target that can't be written to is tried again and again.
///
/// Dropped, it waits for what is queued to be written, for a second at most.
#[must_use = "what is queued when the process ends is lost unless this is dropped"]
#[derive(Debug)]
pub struct Log {
    intake: Intake,
    /// Disconnected when the thread has ended.
    ended: Receiver<Infallible>,
}

impl Log {
    pub(super) fn start<W: Write + Send + 'static>(target: Target<W>, format: LogFormat) -> io::Result<Self> {
        let (queue, drain) = queue(QUEUE_BYTES);
        let (alive, ended) = mpsc::channel();
        let shared = Arc::new(Shared::default());
        let writer = Writer::new(drain, Arc::clone(&shared), target, format);
        let run = move || {
            let _until_it_ends = alive;
            writer.run();
        };
        let writer = thread::Builder::new().name("log".into()).spawn(run)?.thread().clone();
        Ok(Self { intake: Intake { queue, shared, writer }, ended })
    }

    pub(super) fn intake(&self) -> &Intake {
        &self.intake
    }

    /// Hands text to the log as it is, whatever the log's form and filter.
    pub fn print(&self, text: &str) {
        self.intake.take(text.as_bytes());
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        self.intake.shared.end();
        self.intake.writer.unpark();
        let _in_time = self.ended.recv_timeout(END);
    }
}

/// Takes lines from any thread.
#[derive(Clone, Debug)]
pub(super) struct Intake {
    queue: Queue,
    shared: Arc<Shared>,
    writer: Thread,
}

impl Intake {
    /// Queues a line, or counts it as dropped.
    pub(super) fn take(&self, line: &[u8]) {
        if self.queue.push(line).is_err() {
            self.shared.note_dropped();
        }
        self.shared.wake(&self.writer);
    }
}

impl<'a> MakeWriter<'a> for Intake {
    type Writer = &'a Self;

    fn make_writer(&'a self) -> &'a Self {
        self
    }
}

/// Each call is a line.
impl Write for &Intake {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.take(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
