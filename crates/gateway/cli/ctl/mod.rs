//! `gateway ctl`: the operator's API of a gateway that runs, from a shell.
//!
//! - `connection`: requests to the operator's listener. `trouble`: why one failed.
//! - `seen`: the answers, as far as they are shown.
//! - `columns`: tables for people. `report`: each answer as such a table.
//! - `endpoint`: what is done to an endpoint. `stream`: `/events`. `top`: the same, live in a terminal.

mod columns;
mod connection;
mod endpoint;
mod form;
mod report;
mod seen;
mod stream;
#[cfg(test)]
mod tests;
mod top;
mod trouble;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use tokio::runtime::Builder;

use self::connection::Connection;
use self::endpoint::Act;
use self::form::Form;
use self::trouble::Trouble;
use super::output::{complain, say};

/// The options of `gateway ctl`.
#[derive(Args, Clone, Debug)]
pub struct CtlArgs {
    /// Where the operator's listener is: HOST:PORT or unix:PATH [default: $GATEWAY_ADMIN, or 127.0.0.1:9900]
    // `gateway` itself has an option of that name for something else, and the two must not be taken for one.
    #[arg(id = "operator", long = "admin", global = true, value_name = "ADDR")]
    pub admin: Option<String>,

    /// The file with the admin token, if the listener wants one [default: the token in $GATEWAY_TOKEN]
    #[arg(long, global = true, value_name = "FILE")]
    pub token_file: Option<PathBuf>,

    /// Print the API's own answers, which are JSON
    #[arg(long, global = true)]
    pub json: bool,

    /// What to ask or to do.
    #[command(subcommand)]
    pub command: CtlCommand,
}

/// What `gateway ctl` asks or does.
#[derive(Clone, Debug, Subcommand)]
pub enum CtlCommand {
    /// Version, uptime, configuration, whether it is ready, listeners and certificates
    Status,

    /// The pools and their endpoints
    Pools {
        /// This pool alone
        pool: Option<String>,
    },

    /// The routes and their traffic
    Routes,

    /// The last errors, with their request ids
    Errors,

    /// The configuration that runs, with its secrets masked
    Config,

    /// Send an endpoint no new requests; those in flight finish
    Drain(EndpointArgs),

    /// Send an endpoint requests again, whether it was drained or ejected
    Enable(EndpointArgs),

    /// Set an endpoint's share of the requests relative to the others'
    Weight {
        /// The endpoint.
        #[command(flatten)]
        endpoint: EndpointArgs,

        /// Its weight
        #[arg(value_name = "N", value_parser = clap::value_parser!(u16).range(0..=1000))]
        weight: u16,
    },

    /// Send an endpoint no requests for a while, as if it had failed
    Eject {
        /// The endpoint.
        #[command(flatten)]
        endpoint: EndpointArgs,

        /// For how long [default: as the pool's outliers say]
        #[arg(long, value_name = "N")]
        seconds: Option<u32>,
    },

    /// Apply the configuration file again
    Reload,

    /// What happens: one snapshot, or everything from now on
    Events {
        /// Go on until it is interrupted
        #[arg(short, long)]
        follow: bool,
    },

    /// Watch it live in this terminal
    Top,

    /// Have the gateway finish what is in flight, and stop
    Stop,
}

/// Which endpoint is meant.
#[derive(Args, Clone, Debug)]
pub struct EndpointArgs {
    /// The pool that it is in
    pub pool: String,

    /// Its URL, or its id
    #[arg(value_name = "URL|ID")]
    pub endpoint: String,
}

pub(super) fn run(args: CtlArgs) -> ExitCode {
    let outcome = Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Trouble::Here(error.to_string()))
        .and_then(|runtime| runtime.block_on(carry_out(args)));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            complain(&format!("gateway ctl: {trouble}"));
            ExitCode::FAILURE
        }
    }
}

async fn carry_out(args: CtlArgs) -> Result<(), Trouble> {
    let connection = Connection::new(args.admin.as_deref(), args.token_file.as_deref())?;
    let form = if args.json { Form::Json } else { Form::Tables };
    match args.command {
        CtlCommand::Status => show(&connection.get("/api/v1/status").await?, form, report::status),
        CtlCommand::Pools { pool: None } => {
            show(&connection.get("/api/v1/pools").await?, form, report::pools)
        }
        CtlCommand::Pools { pool: Some(name) } => {
            show(&endpoint::pool(&connection, &name).await?, form, report::pool)
        }
        CtlCommand::Routes => show(&connection.get("/api/v1/routes").await?, form, report::routes),
        CtlCommand::Errors => show(&connection.get("/api/v1/errors").await?, form, report::errors),
        CtlCommand::Config => show(&connection.get("/api/v1/config").await?, form, report::config),
        CtlCommand::Drain(of) => act(&connection, &of, Act::Drain, form).await,
        CtlCommand::Enable(of) => act(&connection, &of, Act::Enable, form).await,
        CtlCommand::Weight { endpoint: of, weight } => act(&connection, &of, Act::Weigh(weight), form).await,
        CtlCommand::Eject { endpoint: of, seconds } => act(&connection, &of, Act::Eject(seconds), form).await,
        CtlCommand::Reload => show(&connection.post("/api/v1/reload").await?, form, report::reloaded),
        CtlCommand::Events { follow } => stream::print(&connection, follow, form).await,
        CtlCommand::Top => top::run(connection).await,
        CtlCommand::Stop => {
            connection.post("/api/v1/drain").await?;
            say("It finishes what is in flight, and stops.\n");
            Ok(())
        }
    }
}

async fn act(connection: &Connection, of: &EndpointArgs, act: Act, form: Form) -> Result<(), Trouble> {
    let answer = endpoint::act(connection, (&of.pool, &of.endpoint), act).await?;
    show(&answer, form, report::endpoint)
}

/// Prints an answer: as it is, or as the tables that `report` makes of it.
fn show<T: serde::de::DeserializeOwned>(
    answer: &connection::Answer,
    form: Form,
    report: impl FnOnce(&T) -> String,
) -> Result<(), Trouble> {
    match form {
        Form::Json => say(&format!("{}\n", answer.text())),
        Form::Tables => say(&report(&answer.read()?)),
    }
    Ok(())
}
