//! The program that an example is from.

use std::net::SocketAddr;
use std::path::Path;

use tokio::process::Command;

use crate::support::process::Process;
use crate::support::tools::{accepting, require};

/// Killed when dropped.
pub(super) struct Original {
    pub(super) addr: SocketAddr,
    _process: Process,
}

impl Original {
    /// Runs the program in `directory`, and waits until it accepts connections. `None` where it is missing.
    pub(super) async fn start(
        program: &str,
        arguments: &[&str],
        directory: &Path,
        addr: SocketAddr,
    ) -> Option<Self> {
        let mut command = Command::new(require(program)?);
        command.args(arguments).current_dir(directory);
        // Caddy keeps files there.
        command.env("XDG_CONFIG_HOME", directory).env("XDG_DATA_HOME", directory);
        let mut process = Process::start(command);
        tokio::select! {
            () = accepting(addr) => Some(Self { addr, _process: process }),
            status = process.exit() => panic!("{program} left with {status}: {:#?}", process.lines()),
        }
    }
}
