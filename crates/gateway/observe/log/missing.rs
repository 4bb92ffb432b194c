//! The line in the log that says how many lines were dropped.

use std::io::Write as _;
use std::time::SystemTime;

use humantime::format_rfc3339_micros;

use crate::config::LogFormat;

const MESSAGE: &str = "lines are missing here: they came faster than the log could be written";

/// Appends that line, with level WARN and target `gateway::log`, in the log's format. The filter doesn't apply to it.
pub(super) fn say(dropped: u64, format: LogFormat, to: &mut Vec<u8>) {
    let now = format_rfc3339_micros(SystemTime::now());
    let _a_vec_takes_all = match format {
        LogFormat::Text => writeln!(to, "{now}  WARN gateway::log: {MESSAGE} dropped={dropped}"),
        LogFormat::Json => writeln!(
            to,
            r#"{{"timestamp":"{now}","level":"WARN","message":"{MESSAGE}","dropped":{dropped},"target":"gateway::log"}}"#
        ),
    };
}
