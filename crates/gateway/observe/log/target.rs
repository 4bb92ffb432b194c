//! Where the log is written to: standard error, as a file or as a pipe.

use std::io::Write;

/// The most bytes that are written to a file at once. Larger writes are not faster.
const MOST_OF_A_FILE: usize = 64 << 10;
/// The most bytes that are written to a pipe at once: PIPE_BUF on Linux. A pipe doesn't mix a write of that size with
/// the writes of other processes.
const MOST_OF_A_PIPE: usize = 4 << 10;

/// What the log is written to, and how many bytes at once.
#[derive(Debug)]
pub(super) struct Target<W> {
    pub(super) writer: W,
    /// The most bytes in one write. Only a single line may be longer.
    pub(super) most: usize,
}

impl<W: Write> Target<W> {
    pub(super) fn file(writer: W) -> Self {
        Self { writer, most: MOST_OF_A_FILE }
    }

    /// For a pipe, or anything else that other processes may write to as well.
    pub(super) fn pipe(writer: W) -> Self {
        Self { writer, most: MOST_OF_A_PIPE }
    }
}

/// Standard error, through a descriptor of its own. So the writer doesn't hold the lock of [`std::io::stderr`], and
/// other code in this process that writes there doesn't wait for it.
#[cfg(unix)]
pub(super) fn stderr() -> std::io::Result<Target<std::fs::File>> {
    use std::os::fd::AsFd as _;

    let file = std::fs::File::from(std::io::stderr().as_fd().try_clone_to_owned()?);
    Ok(if file.metadata()?.is_file() { Target::file(file) } else { Target::pipe(file) })
}

#[cfg(not(unix))]
pub(super) fn stderr() -> std::io::Result<Target<std::io::Stderr>> {
    Ok(Target::pipe(std::io::stderr()))
}
