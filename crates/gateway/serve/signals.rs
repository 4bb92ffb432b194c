//! SIGTERM and SIGINT begin a shutdown.

use std::io;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tracing::debug;

use super::Shutdown;

/// Makes signals control `shutdown`: the first SIGTERM or SIGINT begins it, the second one aborts. SIGHUP would
/// otherwise end the process: it does nothing here, so that [`Reload`](crate::live::Reload) can take it. It is
/// [`signals_after`] without a delay.
///
/// # Errors
///
/// If the signal handlers can't be installed.
///
/// # Panics
///
/// Outside a tokio runtime with I/O enabled.
pub fn signals(shutdown: Shutdown) -> io::Result<()> {
    signals_after(|| Duration::ZERO, shutdown)
}

/// As [`signals`], but the first signal only announces the shutdown, and it begins after the delay. `delay` is asked when
/// the signal comes. The next signal begins it at once, and the one after that aborts it.
///
/// # Errors
///
/// If the signal handlers can't be installed.
///
/// # Panics
///
/// Outside a tokio runtime with I/O enabled.
pub fn signals_after(
    delay: impl Fn() -> Duration + Send + Sync + 'static,
    shutdown: Shutdown,
) -> io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut hangup = signal(SignalKind::hangup())?;
    tokio::spawn(async move {
        let stop = || match delay() {
            delay if delay.is_zero() || shutdown.is_announced() => shutdown.escalate(),
            delay => {
                let shutdown = shutdown.clone();
                shutdown.announce();
                tokio::spawn(async move { shutdown.begin_after(delay).await });
            }
        };
        loop {
            tokio::select! {
                Some(()) = terminate.recv() => stop(),
                Some(()) = interrupt.recv() => stop(),
                Some(()) = hangup.recv() => debug!("SIGHUP"),
                else => break,
            }
        }
    });
    Ok(())
}
