//! The program that callgrind runs: one process with one thread, in which a client, a proxy and an upstream take turns.

use std::net::SocketAddr;

use clap::ValueEnum;
use gateway::app;
use gateway::config::Config;
use gateway::observe::log;
use gateway::serve::{Shutdown, bind};
use tokio::net::TcpListener;
use tokio::runtime::Builder;

use crate::ends::{self, Exchange, PROXIED, REFUSED, TOKEN};
use crate::{BoxError, baseline};

/// The proxy between client and upstream.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Proxy {
    Gateway,
    Baseline,
}

/// The kind of request.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Work {
    Proxied,
    Refused,
    /// As `Proxied`, with the access log turned on.
    Logged,
}

impl Proxy {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::Baseline => "baseline",
        }
    }

    /// Starts the proxy as a task on this thread.
    fn start(self, listener: TcpListener, upstream: SocketAddr) -> Result<(), BoxError> {
        match self {
            Self::Gateway => {
                let gateway = app(config(upstream)?, Shutdown::new())?;
                tokio::spawn(gateway.serve(listener));
            }
            Self::Baseline => {
                tokio::spawn(baseline::serve(listener, upstream));
            }
        }
        Ok(())
    }
}

impl Work {
    pub(crate) const ALL: [Self; 3] = [Self::Proxied, Self::Refused, Self::Logged];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Proxied => "proxied",
            Self::Refused => "refused",
            Self::Logged => "logged",
        }
    }

    fn exchange(self) -> &'static Exchange {
        match self {
            Self::Proxied | Self::Logged => &PROXIED,
            Self::Refused => &REFUSED,
        }
    }
}

/// Makes so many exchanges, one after the other.
pub(crate) fn run(proxy: Proxy, work: Work, times: u32) -> Result<(), BoxError> {
    let _log =
        matches!(work, Work::Logged).then(|| log::init(&gateway::config::Log::default())).transpose()?;
    Builder::new_current_thread().enable_all().build()?.block_on(async {
        let origin = local()?;
        let upstream = origin.local_addr()?;
        tokio::spawn(ends::upstream(origin));
        let listener = local()?;
        let addr = listener.local_addr()?;
        proxy.start(listener, upstream)?;
        Ok(ends::client(addr, work.exchange(), times).await?)
    })
}

fn local() -> std::io::Result<TcpListener> {
    bind(SocketAddr::from(([127, 0, 0, 1], 0)))
}

/// The gateway's defaults, with the two routes that the baseline has.
fn config(upstream: SocketAddr) -> Result<Config, BoxError> {
    let text = format!(
        r#"
        [pools.origin]
        upstreams = ["http://{upstream}"]
        [routes."/api"]
        pool = "origin"
        [routes."/admin"]
        pool = "origin"
        admin_tokens = ["{TOKEN}"]
        "#
    );
    Ok(Config::parse("instructions.toml", text, |_| None)?)
}
