//! The command line.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::config::Address;

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

/// The options of `gateway` without a subcommand.
#[derive(Args, Clone, Debug)]
pub struct ServeArgs {
    /// The configuration file [default: the demo]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Don't reload when the configuration or a file that it names changes. SIGHUP still does
    #[arg(long, requires = "config")]
    pub no_watch: bool,

    /// Listen here alone, instead of where the configuration says
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<Address>,

    /// Write the process number to this file, for `gateway upgrade`
    #[arg(long, value_name = "FILE")]
    pub pid_file: Option<PathBuf>,

    /// How log lines look
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    pub log_format: LogFormat,
}

/// What `gateway` can do besides serving.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Check a configuration file: prints "ok", or every error in it
    Check {
        /// The configuration file
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
    },

    /// Print the JSON Schema of the configuration file
    Schema,

    /// Have a new process take over from a gateway that runs, without a refused connection
    Upgrade {
        /// The file that the gateway was started with as its --pid-file: waits until the new process serves
        #[arg(long, value_name = "FILE", required_unless_present = "pid")]
        pid_file: Option<PathBuf>,

        /// The gateway's process number: tells it, and doesn't wait
        #[arg(long, value_name = "PID", conflicts_with = "pid_file")]
        pid: Option<u32>,
    },

    /// Run a demo upstream
    Backend {
        /// The port to listen on; 0 picks a free one
        port: u16,

        /// The address to listen on
        #[arg(long, value_name = "IP", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
        host: IpAddr,
    },
}

/// The format of log lines. Default: [`LogFormat::Text`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Text for people.
    #[default]
    Text,
    /// One JSON object for each line.
    Json,
}

#[cfg(test)]
mod tests;
