//! A process's memory and file descriptors as Linux counts them.

use std::fs;
use std::path::PathBuf;

/// In bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// Resident: every page that is mapped in.
    pub rss: u64,
    /// Proportional: shared pages divided by the number of processes that share them.
    pub pss: u64,
}

/// This process's id, for [`memory`] and [`open_files`].
pub fn this_process() -> u32 {
    std::process::id()
}

/// From `/proc/PID/smaps_rollup`.
///
/// # Panics
/// If there is no such process.
pub fn memory(pid: u32) -> Memory {
    let rollup = fs::read_to_string(proc(pid, "smaps_rollup")).unwrap();
    Memory { rss: kilobytes(&rollup, "Rss:") * 1024, pss: kilobytes(&rollup, "Pss:") * 1024 }
}

/// How many file descriptors a process has open; counting its own, a process sees one more: the directory it reads.
pub fn open_files(pid: u32) -> usize {
    fs::read_dir(proc(pid, "fd")).unwrap().count()
}

fn proc(pid: u32, file: &str) -> PathBuf {
    ["/proc", &pid.to_string(), file].iter().collect()
}

fn kilobytes(rollup: &str, name: &str) -> u64 {
    let line = rollup.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|rest| rest.trim().strip_suffix(" kB")).unwrap().parse().unwrap()
}
