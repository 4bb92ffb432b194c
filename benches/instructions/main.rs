//! Counts the instructions for each request, and compares the gateway with a proxy written by hand on hyper.
//!
//! ```sh
//! cargo instructions            # fails where a ratio is above its pin
//! cargo instructions -- --pin   # makes the counted ratios the new pins
//! ```
//!
//! Unlike times, counts are the same in each run. A count is the difference of two runs under callgrind, one of which
//! makes twice as many requests, so that the start of the program doesn't count. A run is one process with one thread,
//! in which client, proxy and upstream take turns over loopback. The pin is the *ratio* to the baseline, because a new
//! compiler or another machine changes both sides alike.

mod baseline;
mod callgrind;
mod ends;
mod exchange;
mod pins;

use std::error::Error;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::exchange::{Proxy, Work};
use crate::pins::Pins;

type BoxError = Box<dyn Error + Send + Sync>;

/// How far a ratio may be from its pin, as a part of it.
const TOLERANCE: f64 = 0.05;

/// Counts instructions a request, and compares them with pins.toml.
#[derive(Parser)]
struct Arguments {
    /// Pin what is counted, instead of comparing it
    #[arg(long)]
    pin: bool,
    /// Cargo passes this option to every bench.
    #[arg(long, hide = true)]
    bench: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// The program runs itself under callgrind with this command.
    #[command(hide = true)]
    Exchange { proxy: Proxy, work: Work, times: u32 },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match arguments.command {
        Some(Command::Exchange { proxy, work, times }) => exchange::run(proxy, work, times),
        None if arguments.pin => pin(),
        None => compare(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn pin() -> Result<(), BoxError> {
    let ratios: Vec<(Work, f64)> =
        Work::ALL.into_iter().map(|work| Ok((work, ratio(work)?))).collect::<Result<_, BoxError>>()?;
    pins::write(&ratios)
}

fn compare() -> Result<(), BoxError> {
    let pins = Pins::read()?;
    let mut risen = false;
    for work in Work::ALL {
        let (ratio, pin) = (ratio(work)?, pins.of(work)?);
        let change = ratio / pin - 1.0;
        println!("{:<10} pinned at {pin:.3}: {:+.1} %", "", change * 100.0);
        if change < -TOLERANCE {
            println!("{:<10} well below its pin: pin it again, so that this stays", "");
        }
        risen |= change > TOLERANCE;
    }
    if risen {
        return Err(RISEN.into());
    }
    Ok(())
}

const RISEN: &str = "\
A request costs over 5 % more instructions than pinned. See where, by function:
  callgrind_annotate FILE | head -60        # the files that are named above
If it is worth them, pin it again, and say why in the commit:
  cargo instructions -- --pin";

/// The ratio of the gateway's instructions to the baseline's. Prints all three numbers.
fn ratio(work: Work) -> Result<f64, BoxError> {
    let gateway = callgrind::instructions(Proxy::Gateway, work)?;
    let baseline = callgrind::instructions(Proxy::Baseline, work)?;
    let ratio = gateway / baseline;
    println!("{:<10} {ratio:.3} = {gateway:.0} / {baseline:.0} instructions a request", work.name());
    println!("{:<10} {}", "", callgrind::profile(Proxy::Gateway, work).display());
    Ok(ratio)
}
