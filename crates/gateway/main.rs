//! The gateway's command line: `gateway`, `gateway check`, `gateway backend`.

use std::fmt::Display;
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use gateway::cli::{Cli, Command, ServeArgs};
use gateway::config::Config;
use gateway::serve::{Limits, Shutdown, bind, serve, signals};
use gateway::{app, backend, telemetry};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};

/// The demo upstreams of the embedded configuration.
const DEMO_BACKENDS: [u16; 2] = [9001, 9002];

fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match cli.command {
        None => run(cli.serve),
        Some(Command::Check { config }) => check(&config),
        Some(Command::Backend { port, host }) => run_backend(SocketAddr::new(host, port)),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Refused(why)) => {
            eprintln!("{why}");
            ExitCode::from(2)
        }
    }
}

/// Why there is nothing to run.
struct Refused(String);

fn refused(why: impl Display) -> Refused {
    Refused(why.to_string())
}

fn check(file: &Path) -> Result<(), Refused> {
    let config = Config::load(file).map_err(refused)?;
    for warning in &config.warnings {
        eprintln!("{warning}");
    }
    println!("ok");
    Ok(())
}

/// What the configuration says; its warnings go where the log goes.
fn load(file: &Path) -> Result<Config, Refused> {
    let config = Config::load(file).map_err(refused)?;
    for warning in &config.warnings {
        tracing::warn!("{warning}");
    }
    Ok(config)
}

fn run_backend(addr: SocketAddr) -> Result<(), Refused> {
    telemetry::init(gateway::cli::LogFormat::Text);
    runtime(1)?.block_on(async {
        let listener = bind(addr).map_err(|error| taken("demo backend", addr, &error, "another PORT"))?;
        let shutdown = stop_on_signals()?;
        let addr = listener.local_addr().map_err(refused)?;
        println!("demo backend on http://{addr}");
        serve_backend(listener, addr.port(), shutdown).await;
        Ok(())
    })
}

async fn serve_backend(listener: TcpListener, port: u16, shutdown: Shutdown) {
    let backend = backend::router(port);
    serve(listener, |_| backend.clone(), Limits::default(), shutdown).await;
}

fn run(args: ServeArgs) -> Result<(), Refused> {
    telemetry::init(args.log_format);
    let is_demo = args.config.is_none();
    let mut config = match &args.config {
        Some(file) => load(file)?,
        None => Config::default_demo(),
    };
    if let Some(listen) = args.listen {
        config.listen = listen;
    }
    runtime(config.workers.get())?.block_on(async {
        let listener =
            bind(config.listen).map_err(|error| taken("gateway", config.listen, &error, "--listen ADDR"))?;
        let backends = if is_demo { bind_demo_backends()? } else { Vec::new() };
        let shutdown = stop_on_signals()?;
        for (backend, port) in backends {
            tokio::spawn(serve_backend(backend, port, Shutdown::new()));
        }
        let addr = listener.local_addr().map_err(refused)?;
        announce(addr, &config, is_demo);
        let report = app(config, shutdown).map_err(refused)?.serve(listener).await;
        tracing::info!(drained = report.drained, aborted = report.aborted, "stopped");
        Ok(())
    })
}

fn bind_demo_backends() -> Result<Vec<(TcpListener, u16)>, Refused> {
    let bind_one = |port| {
        let addr = SocketAddr::from(([127, 0, 0, 1], port));
        let listener = bind(addr).map_err(|error| {
            taken("demo backend", addr, &error, "--config FILE, with upstreams of your own")
        })?;
        Ok((listener, port))
    };
    DEMO_BACKENDS.into_iter().map(bind_one).collect()
}

fn runtime(workers: usize) -> Result<Runtime, Refused> {
    let mut builder = match workers {
        1 => Builder::new_current_thread(),
        _ => Builder::new_multi_thread(),
    };
    builder.worker_threads(workers).enable_all().build().map_err(refused)
}

fn stop_on_signals() -> Result<Shutdown, Refused> {
    let shutdown = Shutdown::new();
    signals(shutdown.clone()).map_err(refused)?;
    Ok(shutdown)
}

fn taken(who: &str, addr: SocketAddr, error: &std::io::Error, instead: &str) -> Refused {
    Refused(format!(
        "gateway: the {who} can't listen on {addr}: {error}\nUse {instead}, or stop what listens there."
    ))
}

fn announce(addr: SocketAddr, config: &Config, is_demo: bool) {
    println!("gateway on http://{addr}");
    for route in &config.routes {
        let Some(pool) = config.pool_of(route) else { continue };
        let targets: Vec<String> =
            pool.upstreams.iter().map(|upstream| upstream.target.to_string()).collect();
        println!("  {:<10} -> {}: {}", route.prefix, pool.name, targets.join(", "));
    }
    if is_demo {
        println!("\nTry:");
        println!("  curl -si {addr}/api/users                      # twice: one upstream, then the other");
        println!("  curl -si {addr}/static/x.png                   # always 9001");
        println!("  curl -si {addr}/admin/dashboard                # 401");
        println!("  curl -si {addr}/admin/dashboard -H 'X-Admin-Token: letmein'");
        println!("  curl -s  {addr}/                               # what there is, and how it is");
    }
}
