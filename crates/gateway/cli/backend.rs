//! `gateway backend`, and the same upstreams beside the demo.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::process::ExitCode;

use clap::Args;
use tokio::net::TcpListener;

use super::announcement::announce;
use super::failure::{Failure, logged, refused, taken};
use super::runtime::block_on;
use crate::backend;
use crate::config::Log;
use crate::serve::{Limits, Shutdown, bind, serve, signals};

/// The demo upstreams of the embedded configuration.
const OF_THE_DEMO: [u16; 2] = [9001, 9002];

/// The options of `gateway backend`.
#[derive(Args, Clone, Debug)]
pub struct BackendArgs {
    /// The port to listen on; 0 picks a free one
    pub port: u16,

    /// The address to listen on
    #[arg(long, value_name = "IP", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    pub host: IpAddr,
}

pub(super) fn run(args: &BackendArgs) -> ExitCode {
    logged(&Log::default(), |_| run_on(SocketAddr::new(args.host, args.port)))
}

fn run_on(addr: SocketAddr) -> Result<(), Failure> {
    block_on(async {
        let listener = bind(addr).map_err(|error| taken("demo backend", &addr, &error, "another PORT"))?;
        let shutdown = Shutdown::new();
        signals(shutdown.clone()).map_err(refused)?;
        let addr = listener.local_addr().map_err(refused)?;
        announce(format!("demo backend on http://{addr}\n"))?;
        serve_backend(listener, addr.port(), shutdown).await;
        Ok(())
    })
}

/// Opens the ports of the upstreams that the demo has.
pub(super) fn bind_demo() -> Result<Vec<(TcpListener, u16)>, Failure> {
    let bind_one = |port| {
        let addr = SocketAddr::from(([127, 0, 0, 1], port));
        let listener = bind(addr).map_err(|error| {
            taken("demo backend", &addr, &error, "--config FILE, with upstreams of your own")
        })?;
        Ok((listener, port))
    };
    OF_THE_DEMO.into_iter().map(bind_one).collect()
}

pub(super) async fn serve_backend(listener: TcpListener, port: u16, shutdown: Shutdown) {
    let is_private = listener.local_addr().is_ok_and(|addr| addr.ip().is_loopback());
    let backend = if is_private { backend::stoppable(port, shutdown.clone()) } else { backend::router(port) };
    serve(listener, move |_| backend.clone(), Limits::default(), shutdown).await;
}
