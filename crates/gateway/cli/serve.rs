//! `gateway` without a subcommand: it serves.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::announcement::announcement;
use super::backend::{bind_demo, serve_backend};
use super::failure::{Failure, logged, refused, taken};
use super::log_format::LogFormat;
use super::output::announce;
use super::runtime::block_on;
use super::succession;
use crate::config::{Address, Config};
use crate::live::{Handle, Reload};
use crate::serve::{Inherited, Listeners, Report, Shutdown, WorkersError, signals_after};
use crate::{app, supervisor};

/// The target of what the log says of the whole process.
const LOG: &str = "gateway";

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

pub(super) fn run(args: ServeArgs) -> ExitCode {
    logged(args.log_format, || serve(args))
}

fn serve(args: ServeArgs) -> Result<(), Failure> {
    let is_demo = args.config.is_none();
    let mut config = match &args.config {
        Some(file) => load(file)?,
        None => Config::default_demo(),
    };
    listens_on(&mut config, args.listen.clone());
    let mut inherited = Inherited::from_environment()
        .map_err(|error| refused(format!("gateway: no sockets from the gateway before: {error}")))?;
    block_on(async {
        let listeners = Listeners::bind_beside(&mut inherited, config.listen.clone(), config.workers)
            .map_err(|error| taken("gateway", error.address(), error.io(), "--listen ADDR"))?;
        let is_alone = is_demo && !inherited.is_handover();
        let backends = if is_alone { bind_demo()? } else { Vec::new() };
        let shutdown = Shutdown::new();
        let (delay, drain) = (config.timeouts.shutdown_delay, config.timeouts.drain);
        signals_after(move || delay, shutdown.clone()).map_err(refused)?;
        succession::at_signals(listeners.handover(), shutdown.clone(), drain).map_err(refused)?;
        for (backend, port) in backends {
            tokio::spawn(serve_backend(backend, port, Shutdown::new()));
        }
        announce(announcement(&listeners, &config, is_demo))?;
        let gateway = app(config, shutdown.clone()).map_err(refused)?;
        if let Some(file) = &args.config {
            follow(file, &args, gateway.handle())?;
        }
        let _told =
            tokio::spawn(succession::tell_of(listeners.handover(), inherited, args.pid_file, shutdown));
        stopped(gateway.serve_on_workers(listeners).await)
    })
}

/// Reads the configuration, and logs its warnings.
fn load(file: &Path) -> Result<Config, Failure> {
    let config = Config::load(file).map_err(refused)?;
    for warning in &config.warnings {
        tracing::warn!(target: LOG, "{warning}");
    }
    Ok(config)
}

/// Applies the file again at each SIGHUP, and when it changes.
fn follow(file: &Path, args: &ServeArgs, handle: Handle) -> Result<(), Failure> {
    let listen = args.listen.clone();
    let reload = Reload::new(handle, file)
        .adjusted(move |config| listens_on(config, listen.clone()))
        .told(supervisor::reloading, supervisor::ready);
    tokio::spawn(reload.on_hangup().map_err(refused)?);
    if !args.no_watch {
        tokio::spawn(async move { reload.on_change().await });
    }
    Ok(())
}

/// What the command line says of where to listen.
fn listens_on(config: &mut Config, listen: Option<Address>) {
    if let Some(listen) = listen {
        config.listen = vec![listen.into()];
    }
}

fn stopped(served: Result<Report, WorkersError>) -> Result<(), Failure> {
    let (report, outcome) = match served {
        Ok(report) => (report, Ok(())),
        Err(WorkersError::Panicked(report)) => (report, Err(Failure::BrokeDown)),
        Err(error) => return Err(refused(format!("gateway: {error}{}", cause(&error)))),
    };
    tracing::info!(target: LOG, drained = report.drained, aborted = report.aborted, "stopped");
    outcome
}

fn cause(error: &dyn Error) -> String {
    error.source().map_or_else(String::new, |cause| format!(": {cause}"))
}
