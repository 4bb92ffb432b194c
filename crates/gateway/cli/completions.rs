//! `gateway completions`: what a shell needs to complete the command line.

use std::process::ExitCode;

use clap::{Args, Command};
use clap_complete::Shell;

use super::output::say;

/// The options of `gateway completions`.
#[derive(Args, Clone, Debug)]
pub struct CompletionsArgs {
    /// The shell
    pub shell: Shell,
}

/// `line` is the whole command line.
pub(super) fn run(args: &CompletionsArgs, mut line: Command) -> ExitCode {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut line, "gateway", &mut script);
    say(&String::from_utf8_lossy(&script));
    ExitCode::SUCCESS
}
