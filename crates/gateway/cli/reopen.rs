//! Opens the files of the logs anew at SIGUSR1, after they were renamed.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::live::Handle;

/// SIGUSR1, which no longer ends the process from when this is made.
pub(super) struct Reopening(Signal);

impl Reopening {
    /// # Errors
    /// If the signal's handler can't be installed.
    pub(super) fn at_signals() -> io::Result<Self> {
        signal(SignalKind::user_defined1()).map(Self)
    }

    /// Opens the files of this gateway's logs anew at each signal, also at those that have come already.
    pub(super) fn of(mut self, handle: Handle) {
        tokio::spawn(async move {
            while self.0.recv().await.is_some() {
                handle.reopen_logs().await;
            }
        });
    }
}
