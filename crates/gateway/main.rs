//! The gateway's command line: `gateway`, `gateway check`, `gateway backend`.

use std::fmt::Display;
use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Parser;
use gateway::cli::{Cli, Command, ServeArgs};
use gateway::config::Config;
use gateway::serve::{Limits, Shutdown, bind, serve, signals};
use gateway::{app, backend, telemetry};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};

/// The demo upstreams of the embedded configuration.
const DEMO_BACKENDS: [u16; 2] = [9001, 9002];

fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match cli.command {
        None => run(cli.serve),
        Some(Command::Check { config }) => check(Config::load(config)),
        Some(Command::Backend { port, host }) => run_backend(SocketAddr::new(host, port)),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Refused(why)) => {
            eprintln!("{why}");
            ExitCode::from(2)
        }
    }
}

/// Why there is nothing to run.
struct Refused(String);

fn refused(why: impl Display) -> Refused {
    Refused(why.to_string())
}

fn check(config: Result<Config, gateway::config::ConfigErrors>) -> Result<(), Refused> {
    let config = config.map_err(refused)?;
    for warning in &config.warnings {
        eprintln!("{warning}");
    }
    println!("ok");
    Ok(())
}
