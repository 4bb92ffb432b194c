//! Why a process that serves ended, and its exit code.

use std::fmt::Display;
use std::process::ExitCode;

use super::output::complain;
use crate::config;
use crate::observe::log::{self, Log};

/// The exit code if the gateway can't start, for instance because of its configuration.
pub(super) const REFUSED: u8 = 2;

pub(super) enum Failure {
    /// The gateway can't start, for this reason.
    Refused(String),
    /// The gateway did start and then failed. The log says why.
    BrokeDown,
}

pub(super) fn refused(why: impl Display) -> Failure {
    Failure::Refused(why.to_string())
}

pub(super) fn taken(who: &str, addr: &dyn Display, error: &std::io::Error, instead: &str) -> Failure {
    Failure::Refused(format!(
        "gateway: the {who} can't listen on {addr}: {error}\nUse {instead}, or stop what listens there."
    ))
}

/// Sets up the log and runs. If that fails, the reason goes to the log.
pub(super) fn logged(config: &config::Log, run: impl FnOnce(&Log) -> Result<(), Failure>) -> ExitCode {
    let log = match log::init(config) {
        Ok(log) => log,
        Err(error) => {
            complain(&format!("gateway: no log can be written to {}: {error}", config.to));
            return REFUSED.into();
        }
    };
    match run(&log) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Refused(why)) => {
            log.print(&format!("{why}\n"));
            REFUSED.into()
        }
        Err(Failure::BrokeDown) => ExitCode::FAILURE,
    }
}
