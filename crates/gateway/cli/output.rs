//! What is printed.

use std::io::Write as _;
use std::thread;

use super::failure::{Failure, refused};

/// Prints to standard output. An error, such as a closed pipe, is ignored.
pub(super) fn say(text: &str) {
    let _nobody_reads = std::io::stdout().write_all(text.as_bytes());
}

/// Prints a line to standard error. An error is ignored.
pub(super) fn complain(text: &str) {
    let _nobody_reads = std::io::stderr().write_all(format!("{text}\n").as_bytes());
}

/// As [`say`], but on a thread of its own: a full pipe that nobody reads must not keep the gateway from serving.
pub(super) fn announce(text: String) -> Result<(), Failure> {
    thread::Builder::new().name("announce".into()).spawn(move || say(&text)).map_err(refused)?;
    Ok(())
}
