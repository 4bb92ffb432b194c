//! `gateway explain`.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use tokio::runtime::Builder;

use super::failure::REFUSED;
use super::output::{complain, say};
use crate::config::Config;
use crate::explain::{Explanation, InvalidQuestion, Known, Question, explain};

/// The options of `gateway explain`.
#[derive(Args, Clone, Debug)]
pub struct ExplainArgs {
    /// The configuration file [default: the demo]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// The request's method
    #[arg(value_name = "METHOD", default_value = "GET")]
    pub method: String,

    /// Its URL, or a path alone
    #[arg(value_name = "URL")]
    pub url: String,

    /// A header that it has, such as 'x-user: 7'
    #[arg(short = 'H', long = "header", value_name = "LINE")]
    pub headers: Vec<String>,

    /// Its body
    #[arg(short = 'd', long = "data", value_name = "TEXT")]
    pub body: Option<String>,

    /// The address that it comes from
    #[arg(long, value_name = "IP", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    pub client: IpAddr,

    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// The exit code if the gateway would answer the request itself.
const ANSWERED: u8 = 1;

/// Prints what the gateway would do with a request.
pub(super) fn run(args: &ExplainArgs) -> ExitCode {
    let explanation = match explained(args) {
        Ok(explanation) => explanation,
        Err(why) => {
            complain(&why);
            return REFUSED.into();
        }
    };
    match args.json {
        true => match serde_json::to_string_pretty(&explanation) {
            Ok(json) => say(&format!("{json}\n")),
            Err(error) => complain(&format!("gateway: {error}")),
        },
        false => say(&explanation.to_string()),
    }
    if explanation.is_forwarded() { ExitCode::SUCCESS } else { ANSWERED.into() }
}

fn explained(args: &ExplainArgs) -> Result<Explanation, String> {
    let config = match &args.config {
        Some(file) => Config::load(file).map_err(|error| error.to_string())?,
        None => Config::default_demo(),
    };
    let question = question(args).map_err(|error| format!("gateway: {error}"))?;
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| format!("gateway: {error}"))?;
    let known = Known::default();
    runtime.block_on(explain(&config, &question, &known)).map_err(|error| format!("gateway: {error}"))
}

fn question(args: &ExplainArgs) -> Result<Question, InvalidQuestion> {
    let mut question = Question::new(&args.method, &args.url)?.from(args.client);
    for line in &args.headers {
        question = question.field(line)?;
    }
    Ok(match &args.body {
        Some(body) => question.body(body.as_str()),
        None => question,
    })
}
