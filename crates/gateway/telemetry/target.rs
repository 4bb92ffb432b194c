//! Where the log is written.

use std::io::Write;

/// More than one write(2) of it gains nothing.
const MOST_OF_A_FILE: usize = 64 << 10;
/// POSIX's PIPE_BUF on Linux: as much as a pipe takes without anything of another process between.
const MOST_OF_A_PIPE: usize = 4 << 10;

/// Something to write to, and how much of it at once.
#[derive(Debug)]
pub(super) struct Target<W> {
    pub(super) writer: W,
    /// Whole lines up to so many bytes go into one write.
    pub(super) most: usize,
}

impl<W: Write> Target<W> {
    pub(super) fn file(writer: W) -> Self {
        Self { writer, most: MOST_OF_A_FILE }
    }

    /// Or whatever else may be shared with other processes.
    pub(super) fn pipe(writer: W) -> Self {
        Self { writer, most: MOST_OF_A_PIPE }
    }
}

/// By a descriptor of its own: who else writes to standard error isn't kept out by the lock of [`std::io::stderr`].
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
