//! Counts instructions with valgrind's callgrind.

use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::BoxError;
use crate::exchange::{Proxy, Work};

/// How many requests the shorter run makes; the longer one makes twice as many. They are enough that rare events, such
/// as a timer that fires, count for little.
const TIMES: u32 = 500;

/// Instructions for each request, of client, proxy and upstream together.
pub(crate) fn instructions(proxy: Proxy, work: Work) -> Result<f64, BoxError> {
    let (once, twice) = (run(proxy, work, TIMES)?, run(proxy, work, 2 * TIMES)?);
    let more = twice.checked_sub(once).ok_or("twice the requests took fewer instructions")?;
    Ok(more as f64 / f64::from(TIMES))
}

/// The file with the counts of the last run, for callgrind_annotate.
pub(crate) fn profile(proxy: Proxy, work: Work) -> PathBuf {
    let name = format!("callgrind.{}.{}", work.name(), proxy.name());
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

fn run(proxy: Proxy, work: Work, times: u32) -> Result<u64, BoxError> {
    let profile = profile(proxy, work);
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--quiet"])
        .arg(format!("--callgrind-out-file={}", profile.display()))
        .arg(env::current_exe()?)
        .args(["exchange", proxy.name(), work.name(), &times.to_string()])
        .stdin(Stdio::null())
        .output()
        .map_err(explained)?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    total(&fs::read_to_string(profile)?).ok_or_else(|| "callgrind wrote no total".into())
}

fn explained(error: io::Error) -> BoxError {
    match error.kind() {
        io::ErrorKind::NotFound => "valgrind is missing: apt-get install -y valgrind".into(),
        _ => error.into(),
    }
}

fn total(profile: &str) -> Option<u64> {
    profile.lines().find_map(|line| line.strip_prefix("totals: "))?.trim().parse().ok()
}
