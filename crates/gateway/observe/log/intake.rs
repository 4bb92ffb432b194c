//! `Intake`: takes lines from all threads.

use std::io::{self, Write};
use std::sync::Arc;
use std::thread::Thread;

use tracing_subscriber::fmt::MakeWriter;

use super::queue::Queue;
use super::shared::Shared;

/// The end of a queue of lines that takes them, from any thread. When the last clone is dropped, what is queued is
/// written, and then the thread that writes ends.
#[derive(Clone, Debug)]
pub(crate) struct Intake {
    queue: Queue,
    last: Arc<Last>,
}

/// Ends the thread that writes, when it is dropped with the last intake.
#[derive(Debug)]
struct Last {
    shared: Arc<Shared>,
    writer: Thread,
}

impl Drop for Last {
    fn drop(&mut self) {
        self.shared.end();
        self.writer.unpark();
    }
}

impl Intake {
    pub(super) fn new(queue: Queue, shared: Arc<Shared>, writer: Thread) -> Self {
        Self { queue, last: Arc::new(Last { shared, writer }) }
    }

    /// Queues a line, or counts it as dropped.
    pub(crate) fn take(&self, line: &[u8]) {
        let Last { shared, writer } = &*self.last;
        if self.queue.push(line).is_err() {
            shared.note_dropped();
        }
        shared.wake(writer);
    }

    /// Tells the thread that writes to write what is queued, and then to end.
    pub(super) fn end(&self) {
        self.last.shared.end();
        self.rouse();
    }

    /// Has the thread that writes look around.
    pub(super) fn rouse(&self) {
        self.last.writer.unpark();
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
