//! The file that says which process is the gateway.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// How long a new process may take before it serves.
pub const UPGRADE_PATIENCE: Duration = Duration::from_secs(60);
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// A file with the number of this process. It is removed when this is dropped, unless it is another process's by then.
#[derive(Debug)]
pub struct PidFile {
    path: PathBuf,
}

impl PidFile {
    /// Writes the file, in place of one that is there.
    ///
    /// # Errors
    ///
    /// If it can't be written.
    pub fn write(path: &Path) -> io::Result<Self> {
        let new = path.with_extension(format!("new-{}", std::process::id()));
        fs::File::create(&new)?.write_all(format!("{}\n", std::process::id()).as_bytes())?;
        // Whoever reads it finds a whole number, of the process before or of this one.
        fs::rename(&new, path).inspect_err(|_| drop(fs::remove_file(&new)))?;
        Ok(Self { path: path.to_owned() })
    }
}

impl Drop for PidFile {
    fn drop(&mut self) {
        if read(&self.path).is_ok_and(|pid| pid == std::process::id()) {
            // If it can't be removed, it names a process that is gone.
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn read(path: &Path) -> io::Result<u32> {
    let text = fs::read_to_string(path)?;
    text.trim().parse().map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "there is no number in it"))
}

/// Has the gateway that the file names start its successor, and waits until that serves. Returns its process number.
///
/// # Errors
///
/// If the file can't be read, there is no such process, or none takes over: the log of the gateway says why.
pub fn upgrade(path: &Path) -> io::Result<u32> {
    let before = read(path)?;
    signal(before)?;
    let deadline = Instant::now() + UPGRADE_PATIENCE;
    while Instant::now() < deadline {
        match read(path) {
            Ok(now) if now != before => return Ok(now),
            Ok(_) if !is_there(before) => return Err(gone()),
            _ => thread::sleep(BETWEEN_LOOKS),
        }
    }
    Err(io::Error::new(
        io::ErrorKind::TimedOut,
        "no other process has taken over; the gateway's log says why",
    ))
}

/// Tells a gateway to start its successor.
///
/// # Errors
///
/// If there is no such process, or it is somebody else's.
pub fn signal(pid: u32) -> io::Result<()> {
    kill_process(process(pid)?, Signal::USR2)?;
    Ok(())
}

fn is_there(pid: u32) -> bool {
    process(pid).is_ok_and(|pid| rustix::process::test_kill_process(pid).is_ok())
}

fn process(pid: u32) -> io::Result<Pid> {
    i32::try_from(pid).ok().and_then(Pid::from_raw).ok_or_else(gone)
}

fn gone() -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, "there is no such process")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_removed_by_the_process_that_it_names() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("gateway.pid");
        let file = PidFile::write(&path).unwrap();
        assert_eq!(read(&path).unwrap(), std::process::id());
        fs::write(&path, "1\n").unwrap();
        drop(file);
        assert_eq!(read(&path).unwrap(), 1);
        drop(PidFile::write(&path).unwrap());
        assert!(fs::read_dir(directory.path()).unwrap().next().is_none());
    }
}
