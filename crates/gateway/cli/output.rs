//! What is printed.

use std::io::Write as _;

/// Prints to standard output. An error, such as a closed pipe, is ignored.
pub(super) fn say(text: &str) {
    let _nobody_reads = std::io::stdout().write_all(text.as_bytes());
}

/// Prints a line to standard error. An error is ignored.
pub(super) fn complain(text: &str) {
    let _nobody_reads = std::io::stderr().write_all(format!("{text}\n").as_bytes());
}
