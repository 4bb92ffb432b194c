//! `gateway` without a subcommand: it serves.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::announcement::{announce, announcement};
use super::backend::{bind_demo, serve_backend};
use super::failure::{Failure, logged, refused};
use super::opening::{IfTaken, Opened};
use super::reopen::Reopening;
use super::runtime::block_on;
use super::succession::{self, Leaving};
use crate::config::{self, Address, Admin, Config, LogFormat};
use crate::live::{Handle, Reload};
use crate::observe::log::Log;
use crate::operator::{Operator, attend};
use crate::serve::{Inherited, Report, Shutdown, WorkersError, signals_after};
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

    /// Have the operator's listener here, instead of where the configuration says
    #[arg(long, value_name = "ADDR")]
    pub admin: Option<Address>,

    /// Write the process number to this file, for `gateway upgrade`
    #[arg(long, value_name = "FILE")]
    pub pid_file: Option<PathBuf>,

    /// How log lines look, whatever the configuration says [default: text]
    #[arg(long, value_name = "FORMAT", value_enum)]
    pub log_format: Option<LogFormat>,
}

pub(super) fn run(args: ServeArgs) -> ExitCode {
    let config = match &args.config {
        Some(file) => Config::load(file),
        None => Ok(Config::default_demo()),
    };
    let config = config.map(|mut config| {
        adjust(&mut config, &args);
        config
    });
    let log = match &config {
        Ok(config) => config.log.clone(),
        Err(_) => config::Log { format: args.log_format.unwrap_or_default(), ..config::Log::default() },
    };
    logged(&log, |log| serve(config.map_err(refused)?, args, log))
}

fn serve(config: Config, args: ServeArgs, log: &Log) -> Result<(), Failure> {
    let is_demo = args.config.is_none();
    for warning in &config.warnings {
        tracing::warn!(target: LOG, "{warning}");
    }
    let mut inherited = Inherited::from_environment()
        .map_err(|error| refused(format!("gateway: no sockets from the gateway before: {error}")))?;
    block_on(async {
        let if_taken = if is_demo && args.admin.is_none() { IfTaken::DoWithout } else { IfTaken::Refuse };
        let opened = Opened::open(&config, &mut inherited, if_taken)?;
        let is_alone = is_demo && !inherited.is_handover();
        let backends = if is_alone { bind_demo()? } else { Vec::new() };
        let (shutdown, of_operators) = (Shutdown::new(), Shutdown::new());
        let (delay, drain) = (config.timeouts.shutdown_delay, config.timeouts.drain);
        signals_after(move || delay, shutdown.clone()).map_err(refused)?;
        let reopening = Reopening::at_signals().map_err(refused)?;
        let leaving = Leaving { shutdown: shutdown.clone(), drain, of_operators: of_operators.clone() };
        let handover = opened.handover();
        succession::at_signals(handover.clone(), leaving).map_err(refused)?;
        for (backend, port) in backends {
            tokio::spawn(serve_backend(backend, port, Shutdown::new()));
        }
        announce(announcement(&opened, &config, is_demo))?;
        let gateway = app(config, shutdown.clone()).map_err(refused)?.logging(log);
        reopening.of(gateway.handle());
        let reload = args.config.as_deref().map(|file| reload(file, &args, gateway.handle()));
        let Opened { listeners, operators } = opened;
        let app = operator(gateway.handle(), reload.clone()).until(of_operators.clone()).router();
        let operator = operators.map(|listeners| attend(listeners, app, of_operators));
        let operator = operator.transpose().map_err(refused)?;
        if let Some(reload) = reload {
            follow(reload, &args)?;
        }
        let _told = tokio::spawn(succession::tell_of(handover, inherited, args.pid_file, shutdown));
        let served = gateway.serve_on_workers(listeners).await;
        if let Some(operator) = operator {
            operator.end().await;
        }
        stopped(served)
    })
}

/// What the command line says wins.
fn adjust(config: &mut Config, args: &ServeArgs) {
    if let Some(listen) = &args.listen {
        config.listen = vec![listen.clone().into()];
    }
    match (&args.admin, &mut config.admin) {
        (None, _) => {}
        (Some(listen), Some(admin)) => admin.listen = listen.clone(),
        (Some(listen), none) => *none = Some(Admin::from(listen.clone())),
    }
    if let Some(format) = args.log_format {
        config.log.format = format;
    }
}

/// The operator's app. Without a file to be read again, the gateway is the demo.
fn operator(handle: Handle, reload: Option<Reload>) -> Operator {
    let operator = Operator::of(handle);
    match reload {
        Some(reload) => operator.reloading(reload),
        None => operator.of_the_demo(),
    }
}

/// Applies the file to the gateway of this handle.
fn reload(file: &Path, args: &ServeArgs, handle: Handle) -> Reload {
    let args = args.clone();
    Reload::new(handle, file)
        .adjusted(move |config| adjust(config, &args))
        .told(supervisor::reloading, supervisor::ready)
}

/// Applies the file again at each SIGHUP, and when it changes.
fn follow(reload: Reload, args: &ServeArgs) -> Result<(), Failure> {
    tokio::spawn(reload.on_hangup().map_err(refused)?);
    if !args.no_watch {
        tokio::spawn(async move { reload.on_change().await });
    }
    Ok(())
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
