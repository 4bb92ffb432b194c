//! What lines are written to, and how many at once.

use std::fmt;
use std::io::Write;

/// The most bytes that are written to a file at once. Larger writes are not faster.
const MOST_OF_A_FILE: usize = 64 << 10;
/// The most bytes that are written to a pipe at once: PIPE_BUF on Linux. A pipe doesn't mix a write of that size with
/// the writes of other processes.
const MOST_OF_A_PIPE: usize = 4 << 10;

/// What lines are written to, and how many bytes at once.
pub(super) struct Target {
    pub(super) writer: Box<dyn Write + Send>,
    /// The most bytes in one write. Only a single line may be longer.
    pub(super) most: usize,
}

impl Target {
    pub(super) fn file(writer: impl Write + Send + 'static) -> Self {
        Self { writer: Box::new(writer), most: MOST_OF_A_FILE }
    }

    /// For a pipe, or anything else that other processes may write to as well.
    pub(super) fn pipe(writer: impl Write + Send + 'static) -> Self {
        Self { writer: Box::new(writer), most: MOST_OF_A_PIPE }
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Target").field("most", &self.most).finish_non_exhaustive()
    }
}
