//! `gateway man`: the manual pages, made of what the command line says of itself.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Command};

use super::output::{complain, say};

/// The options of `gateway man`.
#[derive(Args, Clone, Debug)]
pub struct ManArgs {
    /// Write a page for the gateway and one for each subcommand into this directory, instead of printing the first
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// `line` is the whole command line.
pub(super) fn run(args: &ManArgs, line: Command) -> ExitCode {
    let written = match &args.out {
        Some(directory) => clap_mangen::generate_to(line, directory),
        None => page(line).map(|page| say(&page)),
    };
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("gateway: no manual page: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn page(line: Command) -> io::Result<String> {
    let mut page = Vec::new();
    clap_mangen::Man::new(line).render(&mut page)?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}
