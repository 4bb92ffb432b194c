//! Opens where lines go.

use std::fs::File;
use std::io;
use std::path::Path;

use super::syslog::Syslog;
use super::target::Target;
use crate::config::Destination;

/// Opens a destination. A file that is there is written on at its end.
pub(super) fn open(destination: &Destination) -> io::Result<Target> {
    match destination {
        Destination::Stderr => duplicate(&io::stderr()),
        Destination::Stdout => duplicate(&io::stdout()),
        Destination::File(path) => file(path),
        Destination::Syslog(path) => Syslog::connect(path.as_deref()).map(Target::pipe),
    }
}

fn file(path: &Path) -> io::Result<Target> {
    let file = File::options().append(true).create(true).open(path)?;
    Ok(if file.metadata()?.is_file() { Target::file(file) } else { Target::pipe(file) })
}

/// A standard stream, through a descriptor of its own. So the writer doesn't hold the lock of [`std::io::stderr`], and
/// other code in this process that writes there doesn't wait for it.
#[cfg(unix)]
fn duplicate(stream: &impl std::os::fd::AsFd) -> io::Result<Target> {
    let file = File::from(stream.as_fd().try_clone_to_owned()?);
    Ok(if file.metadata()?.is_file() { Target::file(file) } else { Target::pipe(file) })
}

#[cfg(not(unix))]
fn duplicate(_: &impl Sized) -> io::Result<Target> {
    Ok(Target::pipe(io::stderr()))
}
