//! The gateway under test: the same `app()` that the binary serves, in this process.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::path::Path;

use gateway::Gateway;
use gateway::config::{Address, Config};
use gateway::live::{Applied, ApplyError, Handle};
use gateway::serve::{Listeners, Report, Shutdown, bind};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::within;

/// A gateway that serves on a port of its own until it is dropped.
pub struct TestGateway {
    pub addr: SocketAddr,
    pub shutdown: Shutdown,
    pub handle: Handle,
    served: JoinHandle<Report>,
}

const ANY_PORT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

impl TestGateway {
    /// Serves what a TOML text describes, which must not contain `listen`.
    pub fn start(config: &str) -> Self {
        Self::start_with(config, |gateway| gateway)
    }

    /// The same, with more services added to those of the text.
    pub fn start_with(config: &str, add: impl FnOnce(Gateway) -> Gateway) -> Self {
        Self::compose(bind(ANY_PORT).unwrap(), config, add)
    }

    /// The same on a listener of the test: for another address, or for a configuration that needs to know the address.
    pub fn on(listener: TcpListener, config: &str) -> Self {
        Self::compose(listener, config, |gateway| gateway)
    }

    /// The same on this number of workers. The first of them is the thread of the test.
    pub fn on_workers(workers: usize, config: &str, add: impl FnOnce(Gateway) -> Gateway) -> Self {
        let listeners = Listeners::bind([ANY_PORT], NonZeroUsize::new(workers).unwrap()).unwrap();
        let Some(&Address::Ip(addr)) = listeners.addresses().next() else { panic!("no IP address") };
        let shutdown = Shutdown::new();
        let gateway = add(app(addr, config, &shutdown));
        let handle = gateway.handle();
        let served = tokio::spawn(async { gateway.serve_on_workers(listeners).await.unwrap() });
        Self { addr, shutdown, handle, served }
    }

    /// The same on one worker, with more keys for its listener, such as `proxy_protocol = true`.
    pub fn listening(keys: &str, config: &str) -> Self {
        Self::listening_as(checked(&format!("listen = [{{ address = \"{ANY_PORT}\", {keys} }}]\n{config}")))
    }

    /// Serves what a file describes, which must listen on an IP address only, on one worker.
    pub fn of_file(file: &Path) -> Self {
        Self::listening_as(Config::load(file).unwrap_or_else(|errors| panic!("{errors}")))
    }

    fn listening_as(config: Config) -> Self {
        let listeners = Listeners::bind(config.listen.clone(), NonZeroUsize::MIN).unwrap();
        let Some(&Address::Ip(addr)) = listeners.addresses().next() else { panic!("no IP address") };
        let shutdown = Shutdown::new();
        let gateway = gateway::app(config, shutdown.clone()).unwrap();
        let handle = gateway.handle();
        let served = tokio::spawn(async { gateway.serve_on_workers(listeners).await.unwrap() });
        Self { addr, shutdown, handle, served }
    }

    fn compose(listener: TcpListener, config: &str, add: impl FnOnce(Gateway) -> Gateway) -> Self {
        let (addr, shutdown) = (listener.local_addr().unwrap(), Shutdown::new());
        let gateway = add(app(addr, config, &shutdown));
        let handle = gateway.handle();
        Self { addr, shutdown, handle, served: tokio::spawn(gateway.serve(listener)) }
    }

    /// Applies another configuration, which must not contain `listen`.
    pub async fn apply(&self, text: &str) -> Result<Applied, ApplyError> {
        self.handle.apply(parsed(self.addr, text)).await
    }

    /// The gateway of [`topology`] over these two upstreams.
    pub fn over(one: SocketAddr, two: SocketAddr) -> Self {
        Self::start(&topology(one, two))
    }

    /// Waits until a shutdown that was begun is complete.
    pub async fn ended(mut self) -> Report {
        within("the gateway to end", &mut self.served).await.unwrap()
    }
}

impl Drop for TestGateway {
    fn drop(&mut self) {
        self.shutdown.abort();
    }
}

fn app(addr: SocketAddr, config: &str, shutdown: &Shutdown) -> Gateway {
    gateway::app(parsed(addr, config), shutdown.clone()).unwrap()
}

fn parsed(addr: SocketAddr, config: &str) -> Config {
    checked(&format!("listen = \"{addr}\"\n{config}"))
}

fn checked(config: &str) -> Config {
    Config::parse("test.toml", config, |_| None).unwrap_or_else(|errors| panic!("{errors}"))
}

/// `/api` over both, `/static` over the first, `/admin` over the second with the token `letmein`.
pub fn topology(one: SocketAddr, two: SocketAddr) -> String {
    format!(
        r#"
        [pools.api]
        upstreams = ["http://{one}", "http://{two}"]
        [pools.static]
        upstreams = ["http://{one}"]
        [pools.admin]
        upstreams = ["http://{two}"]
        [routes."/api"]
        pool = "api"
        [routes."/static"]
        pool = "static"
        [routes."/admin"]
        pool = "admin"
        admin_tokens = ["letmein"]
        "#
    )
}

/// `/api` over one target, after whatever else the configuration says.
pub fn one_pool(target: &str, config: &str) -> String {
    format!("{config}\n[pools.api]\nupstreams = [\"{target}\"]\n[routes.\"/api\"]\npool = \"api\"\n")
}
