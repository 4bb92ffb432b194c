//! The gateway's command line: `gateway`, `gateway check`, `gateway backend` and more.

use std::process::ExitCode;

use clap::Parser;
use gateway::cli::Cli;

/// It is faster than the system's for a request's many small allocations.
#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    Cli::parse().run()
}
