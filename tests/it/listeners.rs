//! The list of listeners: where they listen, what each does, and how they come and go.

mod addresses;
mod delay;
mod redirect;
mod reload;

use std::net::SocketAddr;
use std::num::NonZeroUsize;

use gateway::config::{Address, Config};
use gateway::live::Handle;
use gateway::serve::{Listeners, Report, Shutdown};
use tokio::task::JoinHandle;

use crate::support::gateway::one_pool;
use crate::support::recorder::RecordingUpstream;
use crate::support::within;

const TWO: NonZeroUsize = NonZeroUsize::new(2).unwrap();

/// A gateway on two workers with a list of listeners, until it is dropped.
struct Gateway {
    addresses: Vec<Address>,
    shutdown: Shutdown,
    handle: Handle,
    served: JoinHandle<Report>,
}

impl Gateway {
    /// `listen` is the value of that key; `/api` goes to `upstream`.
    fn start(listen: &str, upstream: &RecordingUpstream) -> Self {
        let config = config(listen, upstream);
        let listeners = Listeners::bind(config.listen.clone(), TWO).unwrap();
        let addresses = listeners.addresses().cloned().collect();
        let shutdown = Shutdown::new();
        let gateway = gateway::app(config, shutdown.clone()).unwrap();
        let handle = gateway.handle();
        let served = tokio::spawn(async { gateway.serve_on_workers(listeners).await.unwrap() });
        Self { addresses, shutdown, handle, served }
    }

    fn ip(&self, number: usize) -> SocketAddr {
        match &self.addresses[number] {
            Address::Ip(address) => *address,
            other => panic!("{other} is no IP address"),
        }
    }

    async fn ended(mut self) -> Report {
        within("the gateway to end", &mut self.served).await.unwrap()
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.shutdown.abort();
    }
}

fn config(listen: &str, upstream: &RecordingUpstream) -> Config {
    let text = one_pool(&upstream.url(), &format!("listen = {listen}\nworkers = 2\n"));
    Config::parse("test.toml", text, |_| None).unwrap_or_else(|errors| panic!("{errors}"))
}
