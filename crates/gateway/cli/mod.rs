//! The command line: what there is to say on it, and what each subcommand does. One file is one subcommand.

mod announcement;
mod backend;
mod check;
mod failure;
#[cfg(feature = "mimalloc")]
mod memory;
mod opening;
mod output;
mod reopen;
mod runtime;
mod serve;
mod succession;
#[cfg(test)]
mod tests;
mod upgrade;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub use self::backend::BackendArgs;
pub use self::check::CheckArgs;
pub use self::serve::ServeArgs;
pub use self::upgrade::UpgradeArgs;
use crate::config::Config;
pub use crate::config::LogFormat;

/// A reverse-proxy gateway: forwards requests below path prefixes to pools of upstreams.
///
/// Without --config it runs the demo: /api, /static and /admin (token "letmein") in front of
/// `gateway backend 9001` and `gateway backend 9002`.
#[derive(Clone, Debug, Parser)]
#[command(name = "gateway", version, args_conflicts_with_subcommands = true)]
pub struct Cli {
    /// How the gateway itself is to run.
    #[command(flatten)]
    pub serve: ServeArgs,

    /// What to do instead of serving.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What `gateway` can do besides serving.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Check a configuration file: prints "ok", or every error in it
    Check(CheckArgs),

    /// Print the JSON Schema of the configuration file
    Schema,

    /// Have a new process take over from a gateway that runs, without a refused connection
    Upgrade(UpgradeArgs),

    /// Run a demo upstream
    Backend(BackendArgs),
}

impl Cli {
    /// Does what the command line says.
    #[must_use]
    pub fn run(self) -> ExitCode {
        match self.command {
            None => serve::run(self.serve),
            Some(Command::Check(args)) => check::run(&args),
            Some(Command::Schema) => {
                output::say(Config::schema());
                ExitCode::SUCCESS
            }
            Some(Command::Upgrade(args)) => upgrade::run(&args),
            Some(Command::Backend(args)) => backend::run(&args),
        }
    }
}
