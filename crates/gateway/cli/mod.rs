//! The command line: what there is to say on it, and what each subcommand does. One file is one subcommand.

mod announcement;
mod backend;
mod check;
mod completions;
mod ctl;
mod explain;
mod failure;
mod man;
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

use clap::{CommandFactory as _, Parser, Subcommand};

pub use self::backend::BackendArgs;
pub use self::check::CheckArgs;
pub use self::completions::CompletionsArgs;
pub use self::ctl::{CtlArgs, CtlCommand, EndpointArgs};
pub use self::explain::ExplainArgs;
pub use self::man::ManArgs;
pub use self::serve::ServeArgs;
pub use self::upgrade::UpgradeArgs;
use crate::config::Config;
pub use crate::config::LogFormat;

/// A reverse-proxy gateway: forwards requests to pools of upstreams, by the routes of a configuration file.
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

    /// Say what the gateway would do with a request, and send nothing
    ///
    /// Prints which route takes it and why the others don't, the layers that it goes through, the endpoint that it would
    /// go to, and the bytes that would be sent there. The exit code is 0 if it would be sent on, 1 if the gateway would
    /// answer it, and 2 if the question or the configuration is wrong.
    #[command(allow_missing_positional = true)]
    Explain(ExplainArgs),

    /// Ask and steer a gateway that runs, by its operator's listener
    Ctl(CtlArgs),

    /// Print the JSON Schema of the configuration file
    Schema,

    /// Have a new process take over from a gateway that runs, without a refused connection
    Upgrade(UpgradeArgs),

    /// Run a demo upstream
    Backend(BackendArgs),

    /// Print the manual page
    #[command(hide = true)]
    Man(ManArgs),

    /// Print what a shell needs to complete the command line
    #[command(hide = true)]
    Completions(CompletionsArgs),
}

impl Cli {
    /// Does what the command line says.
    #[must_use]
    pub fn run(self) -> ExitCode {
        match self.command {
            None => serve::run(self.serve),
            Some(Command::Check(args)) => check::run(&args),
            Some(Command::Explain(args)) => explain::run(&args),
            Some(Command::Ctl(args)) => ctl::run(args),
            Some(Command::Schema) => {
                output::say(Config::schema());
                ExitCode::SUCCESS
            }
            Some(Command::Upgrade(args)) => upgrade::run(&args),
            Some(Command::Backend(args)) => backend::run(&args),
            Some(Command::Man(args)) => man::run(&args, Self::command()),
            Some(Command::Completions(args)) => completions::run(&args, Self::command()),
        }
    }
}
