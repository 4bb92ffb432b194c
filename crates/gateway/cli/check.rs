//! `gateway check`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::failure::REFUSED;
use super::output::{complain, say};
use crate::config::Config;

/// The options of `gateway check`.
#[derive(Args, Clone, Debug)]
pub struct CheckArgs {
    /// The configuration file
    #[arg(long, value_name = "FILE")]
    pub config: PathBuf,
}

/// Checks a configuration file: prints "ok" and its warnings, or its errors. Unlike the log, this waits until the
/// output is written.
pub(super) fn run(args: &CheckArgs) -> ExitCode {
    match Config::load(&args.config) {
        Ok(config) => {
            config.warnings.iter().for_each(|warning| complain(&warning.to_string()));
            say("ok\n");
            ExitCode::SUCCESS
        }
        Err(error) => {
            complain(&error.to_string());
            REFUSED.into()
        }
    }
}
