//! `gateway upgrade`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::output::{complain, say};
use crate::pid_file;

/// The options of `gateway upgrade`.
#[derive(Args, Clone, Debug)]
pub struct UpgradeArgs {
    /// The file that the gateway was started with as its --pid-file: waits until the new process serves
    #[arg(long, value_name = "FILE", required_unless_present = "pid")]
    pub pid_file: Option<PathBuf>,

    /// The gateway's process number: tells it, and doesn't wait
    #[arg(long, value_name = "PID", conflicts_with = "pid_file")]
    pub pid: Option<u32>,
}

/// Tells a gateway that runs to start its successor. With a file, it waits until that serves.
pub(super) fn run(args: &UpgradeArgs) -> ExitCode {
    let outcome = match &args.pid_file {
        Some(file) => pid_file::upgrade(file).map(|pid| say(&format!("{pid} serves now\n"))),
        None => pid_file::signal(args.pid.unwrap_or_default()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("gateway: no upgrade: {error}"));
            ExitCode::FAILURE
        }
    }
}
