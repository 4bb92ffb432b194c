//! Lines as messages to the system's log daemon, by the crate `syslog`.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use syslog::{Facility, Formatter3164, Logger, LoggerBackend};

/// The most bytes of a line that are sent: what rsyslog takes.
const MOST: usize = 8 << 10;

/// Sends each line as a message of its own (RFC 3164), with the level of the line.
pub(super) struct Syslog {
    path: Option<PathBuf>,
    logger: Logger<LoggerBackend, Formatter3164>,
}

impl Syslog {
    /// Connects to the daemon at its usual socket, or at this one.
    pub(super) fn connect(path: Option<&Path>) -> io::Result<Self> {
        Ok(Self { path: path.map(Path::to_owned), logger: connected(path)? })
    }

    fn send(&mut self, line: &str) -> syslog::Result<()> {
        let line = line.get(..line.floor_char_boundary(MOST)).unwrap_or_default();
        match level(line) {
            "ERROR" => self.logger.err(line),
            " WARN" => self.logger.warning(line),
            "DEBUG" | "TRACE" => self.logger.debug(line),
            _ => self.logger.info(line),
        }
    }
}

fn connected(path: Option<&Path>) -> io::Result<Logger<LoggerBackend, Formatter3164>> {
    let formatter = Formatter3164 {
        facility: Facility::LOG_DAEMON,
        hostname: None,
        process: "gateway".into(),
        pid: std::process::id(),
    };
    let logger = match path {
        Some(path) => syslog::unix_custom(formatter, path),
        None => syslog::unix(formatter),
    };
    logger.map_err(io::Error::other)
}

/// The level of a line of the log, in five columns: it stands behind the time in text, and at its place in JSON. Any
/// other line has none.
fn level(line: &str) -> &str {
    const TIME: &str = "2026-11-29T09:14:29.123456Z";
    const BEFORE: &str = r#"{"timestamp":""#;
    const BETWEEN: &str = r#"","level":""#;
    let at = TIME.len() + if line.starts_with(BEFORE) { BEFORE.len() + BETWEEN.len() } else { 1 };
    match line.get(at..at + 5) {
        Some("WARN\"") => " WARN",
        Some(level) => level,
        None => "",
    }
}

/// Takes one line of what it is given. A daemon that was started anew is connected to again.
impl Write for Syslog {
    fn write(&mut self, lines: &[u8]) -> io::Result<usize> {
        let length = lines.iter().position(|byte| *byte == b'\n').map_or(lines.len(), |end| end + 1);
        let line = String::from_utf8_lossy(lines.get(..length).unwrap_or_default());
        let line = line.trim_end_matches('\n');
        if !line.is_empty() && self.send(line).is_err() {
            self.logger = connected(self.path.as_deref())?;
            self.send(line).map_err(io::Error::other)?;
        }
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
