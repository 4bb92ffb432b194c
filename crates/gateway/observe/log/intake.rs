//! `Log`: takes lines from all threads, and starts and ends the thread that writes them.

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

/// How many bytes may wait to be written: about 8,000 lines of the access log.
const QUEUE_BYTES: usize = 2 << 20;
/// How long dropping the log waits until everything is written.
const END: Duration = Duration::from_secs(1);

/// The log of the process. A thread of its own writes the lines, so no other thread waits for that.
///
/// At most 2 MiB wait to be written. When there is no more room, further lines are dropped and counted, and the log
/// says how many as soon as there is room again. If writing fails, it is tried again and again.
///
/// Dropping it waits until all queued lines are written, for at most a second.
#[must_use = "what is queued when the process ends is lost unless this is dropped"]
#[derive(Debug)]
pub struct Log {
    intake: Intake,
    /// This channel is disconnected when the thread has ended.
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

    /// Writes text to the log as it is, whatever the log's format and filter.
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

/// The end of the log that takes lines, from any thread.
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

/// Each call of `write` is one line.
impl Write for &Intake {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.take(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
