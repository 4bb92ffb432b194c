//! `Logs`: the logs of a gateway, and what another configuration does with them.

use std::error::Error;
use std::fmt;
use std::io;

use super::destination;
use super::intake::Intake;
use super::lines::{Lines, Tap};
use super::process::Log;
use super::target::Target;
use crate::config::{self, AccessFormat, Destination, LogFormat};

/// The logs of a gateway.
#[derive(Debug, Default)]
pub(crate) struct Logs {
    /// The log of the process, if the gateway was told of it.
    process: Option<Tap>,
    /// The lines for requests, if they have a destination of their own.
    access: Option<Access>,
}

#[derive(Debug)]
struct Access {
    to: Destination,
    lines: Lines,
}

/// What another configuration changes: opened, and not in use yet.
#[derive(Debug)]
pub(crate) struct Turned {
    process: Option<Target>,
    access: Next,
}

#[derive(Debug)]
enum Next {
    /// They go where they went.
    Stays,
    Is(Option<Access>),
}

impl Logs {
    /// Opens what a configuration asks for.
    pub(crate) fn of(config: &config::Log) -> Result<Self, LogError> {
        Ok(Self { process: None, access: own(config).map(|to| Access::open(to, form(config))).transpose()? })
    }

    /// Takes care of the log of the process from now on.
    pub(crate) fn attend_to(&mut self, log: &Log) {
        self.process = Some(log.tap());
    }

    /// Whether another form of the log needs another process: the form of a process's log is chosen once.
    pub(crate) fn are_bound_to(&self, before: &config::Log, after: &config::Log) -> bool {
        self.process.is_some() && before.format != after.format
    }

    /// Opens what another configuration changes.
    pub(crate) fn prepare(&self, before: &config::Log, after: &config::Log) -> Result<Turned, LogError> {
        let is_led_elsewhere = self.process.is_some() && before.to != after.to;
        let process = is_led_elsewhere.then(|| open(&after.to)).transpose()?;
        let access = match (own(after), &self.access) {
            (Some(to), Some(access)) if access.to == *to => Next::Stays,
            (to, _) => Next::Is(to.map(|to| Access::open(to, form(after))).transpose()?),
        };
        Ok(Turned { process, access })
    }

    /// Where the lines for requests are put that don't go through tracing.
    pub(crate) fn queue(&self) -> Option<Intake> {
        self.access.as_ref().map(|access| access.lines.intake()).or(self.process_queue()).cloned()
    }

    /// The same, after that change.
    pub(crate) fn queue_after(&self, turned: &Turned) -> Option<Intake> {
        match &turned.access {
            Next::Stays => self.queue(),
            Next::Is(Some(access)) => Some(access.lines.intake().clone()),
            Next::Is(None) => self.process_queue().cloned(),
        }
    }

    fn process_queue(&self) -> Option<&Intake> {
        self.process.as_ref().map(Tap::intake)
    }

    /// Puts the change in place. Lines of requests that are under way go where they would have gone.
    pub(crate) fn commit(&mut self, turned: Turned) {
        let Turned { process, access } = turned;
        if let (Some(tap), Some(target)) = (&self.process, process) {
            turn(tap, target);
        }
        if let Next::Is(access) = access {
            self.access = access;
        }
    }

    /// Opens the files anew, which may have been renamed. A file that can't be opened stays as it is, and the log says
    /// so.
    pub(crate) fn reopen(&self, config: &config::Log) {
        let access = self.access.as_ref().map(|access| (access.lines.tap(), &access.to));
        let process = self.process.clone().map(|tap| (tap, &config.to));
        for (tap, to) in process.into_iter().chain(access) {
            if !matches!(to, Destination::File(_)) {
                continue;
            }
            match destination::open(to) {
                Ok(target) => turn(&tap, target),
                Err(error) => {
                    tracing::error!(target: LOG, file = %to, %error, "the file can't be opened again")
                }
            }
        }
    }

    /// Takes the lines for requests out, to wait until they are written.
    pub(crate) fn take_access(&mut self) -> Option<Lines> {
        self.access.take().map(|access| access.lines)
    }
}

/// The target of what the log says of itself.
const LOG: &str = "gateway::log";

/// The destination of the lines for requests, if it is one of their own.
fn own(config: &config::Log) -> Option<&Destination> {
    config.access.as_ref()?.to.as_ref()
}

/// The form of what their queue says itself.
fn form(config: &config::Log) -> LogFormat {
    match config.access.as_ref().and_then(|access| access.format.as_ref()) {
        None => config.format,
        Some(AccessFormat::Json) => LogFormat::Json,
        Some(AccessFormat::Text | AccessFormat::Template(_)) => LogFormat::Text,
    }
}

fn open(to: &Destination) -> Result<Target, LogError> {
    destination::open(to).map_err(|error| LogError { to: to.clone(), error })
}

fn turn(tap: &Tap, target: Target) {
    if let Err(error) = tap.turn_to(target) {
        tracing::error!(target: LOG, %error, "the log stays where it is");
    }
}

impl Access {
    fn open(to: &Destination, form: LogFormat) -> Result<Self, LogError> {
        let start = || Lines::start(destination::open(to)?, form);
        let lines = start().map_err(|error| LogError { to: to.clone(), error })?;
        Ok(Self { to: to.clone(), lines })
    }
}

/// A log can't be written there.
#[derive(Debug)]
pub struct LogError {
    to: Destination,
    error: io::Error,
}

impl fmt::Display for LogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no log can be written to {}", self.to)
    }
}

impl LogError {
    pub(crate) fn io(&self) -> &io::Error {
        &self.error
    }
}

impl Error for LogError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.error)
    }
}
