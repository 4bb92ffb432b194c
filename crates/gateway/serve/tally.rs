//! Counts what serves, and adds up what came of it.

use std::sync::Arc;

use tokio::sync::watch;
use tracing::error;

use super::{Report, Shutdown, WorkersError};

/// How many doors are attended, and what came of those that ended. Clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally(Arc<watch::Sender<Count>>);

#[derive(Clone, Copy, Debug, Default)]
struct Count {
    attended: usize,
    report: Report,
    has_panicked: bool,
}

impl Tally {
    /// Waits until no door is attended any more.
    pub(super) async fn all_ended(&self) -> Result<Report, WorkersError> {
        // The sender lives in `self`, so the channel cannot close before the wait ends.
        let mut count = self.0.subscribe();
        let _ = count.wait_for(|count| count.attended == 0).await;
        let Count { report, has_panicked, .. } = *self.0.borrow();
        if has_panicked { Err(WorkersError::Panicked(report)) } else { Ok(report) }
    }
}

/// One door that is attended, until it is dropped.
#[derive(Debug)]
pub(super) struct Attendance {
    tally: Tally,
    shutdown: Shutdown,
}

impl Attendance {
    pub(super) fn begin(tally: &Tally, shutdown: Shutdown) -> Self {
        tally.0.send_modify(|count| count.attended += 1);
        Self { tally: tally.clone(), shutdown }
    }

    pub(super) fn end(self, report: Report) {
        self.tally.0.send_modify(|count| count.report += report);
    }
}

impl Drop for Attendance {
    fn drop(&mut self) {
        let has_panicked = std::thread::panicking();
        self.tally.0.send_modify(|count| {
            count.attended -= 1;
            count.has_panicked |= has_panicked;
        });
        if has_panicked {
            error!("a worker panicked: shutting down");
            self.shutdown.begin();
        }
    }
}
