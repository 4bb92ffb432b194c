//! One process after the other: this one tells who waits for it that it serves, and at SIGUSR2 it starts its successor, which
//! gets the listening sockets.

use std::env;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::task::spawn_blocking;
use tracing::{error, info, warn};

use crate::pid_file::{PidFile, UPGRADE_PATIENCE};
use crate::serve::{Handover, Inherited, Shutdown};
use crate::supervisor;

/// How this process ends once another has taken over.
pub(super) struct Leaving {
    /// It retires, and begins after `drain` at the latest.
    pub(super) shutdown: Shutdown,
    pub(super) drain: Duration,
    /// It begins at once: from then on, operators see the other process.
    pub(super) of_operators: Shutdown,
}

/// Starts a successor at each SIGUSR2, and leaves when one serves.
///
/// # Errors
///
/// If the signal's handler can't be installed.
pub(super) fn at_signals(handover: Handover, leaving: Leaving) -> std::io::Result<()> {
    let mut asked = signal(SignalKind::user_defined2())?;
    let Leaving { shutdown, drain, of_operators } = leaving;
    tokio::spawn(async move {
        while asked.recv().await.is_some() {
            if shutdown.is_announced() {
                error!("SIGUSR2: the shutdown has begun already");
            } else if let Some(pid) = successor(&handover).await {
                info!(pid, "another process has taken over: retiring");
                supervisor::succeeded_by(pid);
                shutdown.retire();
                of_operators.begin();
                tokio::time::sleep(drain).await;
                shutdown.begin();
                break;
            }
        }
    });
    Ok(())
}

/// Tells whoever waits for it that the gateway serves, and later that its shutdown has begun.
pub(super) async fn tell_of(
    sockets: Handover,
    inherited: Inherited,
    pid_file: Option<PathBuf>,
    shutdown: Shutdown,
) {
    sockets.serving().await;
    let _file = pid_file.and_then(|path| {
        let written = PidFile::write(&path);
        let complain = |error: &std::io::Error| error!(%error, "the pid file can't be written");
        written.inspect_err(complain).ok()
    });
    if let Err(error) = inherited.ready() {
        warn!(%error, "the gateway before doesn't wait for this one any more");
    }
    supervisor::ready();
    shutdown.begun().await;
    supervisor::stopping();
    std::future::pending().await
}

/// The command that this process was started with. Where a newer binary has taken the place of the old one, it runs that.
fn as_this_one() -> Command {
    let mut arguments = env::args_os();
    let mut command = Command::new(arguments.next().unwrap_or_else(|| "gateway".into()));
    command.args(arguments);
    command
}

async fn successor(handover: &Handover) -> Option<u32> {
    if std::process::id() == 1 {
        error!(
            "SIGUSR2: this is the first process of its container, which would end with it: start another one instead"
        );
        return None;
    }
    info!("SIGUSR2: starting another process, which is to take over");
    let handover = handover.clone();
    match spawn_blocking(move || handover.to(as_this_one(), UPGRADE_PATIENCE)).await {
        Ok(Ok(child)) => Some(child.id()),
        Ok(Err(error)) => {
            error!("no other process takes over, and this one goes on: {error}");
            None
        }
        Err(panic) => {
            error!(%panic, "no other process takes over, and this one goes on");
            None
        }
    }
}
