//! The gateway's command line: `gateway`, `gateway check`, `gateway backend`.

#[cfg(feature = "mimalloc")]
mod allocator;
mod upgrade;

use std::error::Error;
use std::fmt::Display;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;
use std::thread;

use clap::Parser;
use gateway::cli::{Cli, Command, LogFormat, ServeArgs};
use gateway::config::{Address, Config};
use gateway::live::{Handle, Reload};
use gateway::pid_file;
use gateway::serve::{
    Inherited, Limits, Listeners, Report, Shutdown, WorkersError, bind, serve, signals, signals_after,
};
use gateway::{app, backend, supervisor, telemetry};
use tokio::net::TcpListener;
use tokio::runtime::Builder;

/// The demo upstreams of the embedded configuration.
const DEMO_BACKENDS: [u16; 2] = [9001, 9002];

fn main() -> ExitCode {
    let cli = Cli::parse();
    match cli.command {
        None => logged(cli.serve.log_format, || run(cli.serve)),
        Some(Command::Check { config }) => check(&config),
        Some(Command::Schema) => {
            say(Config::schema());
            ExitCode::SUCCESS
        }
        Some(Command::Upgrade { pid_file, pid }) => have_upgraded(pid_file.as_deref(), pid),
        Some(Command::Backend { port, host }) => {
            logged(LogFormat::Text, || run_backend(SocketAddr::new(host, port)))
        }
    }
}

/// Sets up the log and runs. If that fails, the reason goes to the log.
fn logged(format: LogFormat, run: impl FnOnce() -> Result<(), Failure>) -> ExitCode {
    let log = match telemetry::init(format) {
        Ok(log) => log,
        Err(error) => {
            complain(&format!("gateway: no log: {error}"));
            return ExitCode::FAILURE;
        }
    };
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Refused(why)) => {
            log.print(&format!("{why}\n"));
            REFUSED.into()
        }
        Err(Failure::BrokeDown) => ExitCode::FAILURE,
    }
}

/// The exit code if the gateway can't start, for instance because of its configuration.
const REFUSED: u8 = 2;

enum Failure {
    /// The gateway can't start, for this reason.
    Refused(String),
    /// The gateway did start and then failed. The log says why.
    BrokeDown,
}

fn refused(why: impl Display) -> Failure {
    Failure::Refused(why.to_string())
}

/// Checks a configuration file: prints "ok" and its warnings, or its errors. Unlike the log, this waits until the
/// output is written.
fn check(file: &Path) -> ExitCode {
    match Config::load(file) {
        Ok(config) => {
            config.warnings.iter().for_each(|warning| complain(&warning.to_string()));
            say("ok\n");
            ExitCode::SUCCESS
        }
        Err(error) => {
            complain(&error.to_string());
            REFUSED.into()
        }
    }
}

/// Tells a gateway that runs to start its successor. With a file, it waits until that serves.
fn have_upgraded(file: Option<&Path>, pid: Option<u32>) -> ExitCode {
    let outcome = match (file, pid) {
        (Some(file), _) => pid_file::upgrade(file).map(|pid| say(&format!("{pid} serves now\n"))),
        (None, pid) => pid_file::signal(pid.unwrap_or_default()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("gateway: no upgrade: {error}"));
            ExitCode::FAILURE
        }
    }
}

/// Reads the configuration, and logs its warnings.
fn load(file: &Path) -> Result<Config, Failure> {
    let config = Config::load(file).map_err(refused)?;
    for warning in &config.warnings {
        tracing::warn!("{warning}");
    }
    Ok(config)
}

fn run_backend(addr: SocketAddr) -> Result<(), Failure> {
    block_on(async {
        let listener = bind(addr).map_err(|error| taken("demo backend", &addr, &error, "another PORT"))?;
        let shutdown = stop_on_signals()?;
        let addr = listener.local_addr().map_err(refused)?;
        announce(format!("demo backend on http://{addr}\n"))?;
        serve_backend(listener, addr.port(), shutdown).await;
        Ok(())
    })
}

async fn serve_backend(listener: TcpListener, port: u16, shutdown: Shutdown) {
    let backend = backend::router(port);
    serve(listener, move |_| backend.clone(), Limits::default(), shutdown).await;
}

fn run(args: ServeArgs) -> Result<(), Failure> {
    let is_demo = args.config.is_none();
    let mut config = match &args.config {
        Some(file) => load(file)?,
        None => Config::default_demo(),
    };
    listens_on(&mut config, args.listen.clone());
    let mut inherited = Inherited::from_environment()
        .map_err(|error| refused(format!("gateway: no sockets from the gateway before: {error}")))?;
    block_on(async {
        let listeners = Listeners::bind_beside(&mut inherited, config.listen.clone(), config.workers)
            .map_err(|error| taken("gateway", error.address(), error.io(), "--listen ADDR"))?;
        let is_alone = is_demo && !inherited.is_handover();
        let backends = if is_alone { bind_demo_backends()? } else { Vec::new() };
        let shutdown = Shutdown::new();
        let (delay, drain) = (config.timeouts.shutdown_delay, config.timeouts.drain);
        signals_after(move || delay, shutdown.clone()).map_err(refused)?;
        upgrade::at_signals(listeners.handover(), shutdown.clone(), drain).map_err(refused)?;
        for (backend, port) in backends {
            tokio::spawn(serve_backend(backend, port, Shutdown::new()));
        }
        announce(announcement(&listeners, &config, is_demo))?;
        let gateway = app(config, shutdown.clone()).map_err(refused)?;
        if let Some(file) = &args.config {
            follow(file, &args, gateway.handle())?;
        }
        let _told = tokio::spawn(upgrade::tell_of(listeners.handover(), inherited, args.pid_file, shutdown));
        stopped(gateway.serve_on_workers(listeners).await)
    })
}

/// Applies the file again at each SIGHUP, and when it changes.
fn follow(file: &Path, args: &ServeArgs, handle: Handle) -> Result<(), Failure> {
    let listen = args.listen.clone();
    let reload = Reload::new(handle, file)
        .adjusted(move |config| listens_on(config, listen.clone()))
        .told(supervisor::reloading, supervisor::ready);
    tokio::spawn(reload.on_hangup().map_err(refused)?);
    if !args.no_watch {
        tokio::spawn(async move { reload.on_change().await });
    }
    Ok(())
}

/// What the command line says of where to listen.
fn listens_on(config: &mut Config, listen: Option<Address>) {
    if let Some(listen) = listen {
        config.listen = vec![listen.into()];
    }
}

fn stopped(served: Result<Report, WorkersError>) -> Result<(), Failure> {
    let (report, outcome) = match served {
        Ok(report) => (report, Ok(())),
        Err(WorkersError::Panicked(report)) => (report, Err(Failure::BrokeDown)),
        Err(error) => return Err(refused(format!("gateway: {error}{}", cause(&error)))),
    };
    tracing::info!(drained = report.drained, aborted = report.aborted, "stopped");
    outcome
}

fn cause(error: &dyn Error) -> String {
    error.source().map_or_else(String::new, |cause| format!(": {cause}"))
}

fn bind_demo_backends() -> Result<Vec<(TcpListener, u16)>, Failure> {
    let bind_one = |port| {
        let addr = SocketAddr::from(([127, 0, 0, 1], port));
        let listener = bind(addr).map_err(|error| {
            taken("demo backend", &addr, &error, "--config FILE, with upstreams of your own")
        })?;
        Ok((listener, port))
    };
    DEMO_BACKENDS.into_iter().map(bind_one).collect()
}

/// Runs `work` on the runtime of the first worker.
fn block_on(work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let runtime = Builder::new_current_thread().enable_all().build().map_err(refused)?;
    #[cfg(feature = "mimalloc")]
    runtime.spawn(allocator::give_back());
    let outcome = runtime.block_on(work);
    // Dropping the runtime would wait for DNS lookups that are still running, however long they take.
    runtime.shutdown_background();
    outcome
}

fn stop_on_signals() -> Result<Shutdown, Failure> {
    let shutdown = Shutdown::new();
    signals(shutdown.clone()).map_err(refused)?;
    Ok(shutdown)
}

fn taken(who: &str, addr: &dyn Display, error: &std::io::Error, instead: &str) -> Failure {
    Failure::Refused(format!(
        "gateway: the {who} can't listen on {addr}: {error}\nUse {instead}, or stop what listens there."
    ))
}

/// Prints to standard output. An error, such as a closed pipe, is ignored.
fn say(text: &str) {
    let _nobody_reads = std::io::stdout().write_all(text.as_bytes());
}

/// Prints a line to standard error. An error is ignored.
fn complain(text: &str) {
    let _nobody_reads = std::io::stderr().write_all(format!("{text}\n").as_bytes());
}

/// As [`say`], but on a thread of its own: a full pipe that nobody reads must not keep the gateway from serving.
fn announce(text: String) -> Result<(), Failure> {
    thread::Builder::new().name("announce".into()).spawn(move || say(&text)).map_err(refused)?;
    Ok(())
}

fn announcement(listeners: &Listeners, config: &Config, is_demo: bool) -> String {
    let mut text = String::new();
    for (listen, address) in listeners.places() {
        let scheme = match address {
            Address::Unix(_) => "",
            _ if listen.is_secured() => "https://",
            _ => "http://",
        };
        text += &format!("gateway on {scheme}{address}\n");
    }
    for route in &config.routes {
        let Some(pool) = config.pool_of(route) else { continue };
        let targets: Vec<String> =
            pool.upstreams.iter().map(|upstream| upstream.location.to_string()).collect();
        text += &format!("  {:<10} -> {}: {}\n", route.prefix, pool.name, targets.join(", "));
    }
    if let Some(addr) = listeners.addresses().next().filter(|_| is_demo) {
        text += &format!(
            "
Try:
  curl -si {addr}/api/users                      # twice: one upstream, then the other
  curl -si {addr}/static/x.png                   # always 9001
  curl -si {addr}/admin/dashboard                # 401
  curl -si {addr}/admin/dashboard -H 'X-Admin-Token: letmein'
  curl -s  {addr}/                               # what there is, and how it is
"
        );
    }
    text
}
