//! The gateway under test: the same `app()` that the binary serves, in this process.

use std::net::SocketAddr;

use gateway::Gateway;
use gateway::config::Config;
use gateway::serve::{Report, Shutdown, bind};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::within;

/// A gateway that serves on a port of its own until it is dropped.
pub struct TestGateway {
    pub addr: SocketAddr,
    pub shutdown: Shutdown,
    served: JoinHandle<Report>,
}

impl TestGateway {
    /// Serves what a TOML text describes; `listen` is left out of it.
    pub fn start(config: &str) -> Self {
        Self::start_with(config, |gateway| gateway)
    }

    /// The same, with more added to what the text describes.
    pub fn start_with(config: &str, add: impl FnOnce(Gateway) -> Gateway) -> Self {
        Self::compose(bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap(), config, add)
    }

    /// The same on a listener of the test's own: for another address, or a configuration that needs to know it.
    pub fn on(listener: TcpListener, config: &str) -> Self {
        Self::compose(listener, config, |gateway| gateway)
    }

    fn compose(listener: TcpListener, config: &str, add: impl FnOnce(Gateway) -> Gateway) -> Self {
        let addr = listener.local_addr().unwrap();
        let config = format!(
            "listen = \"{addr}\"
{config}"
        );
        let config =
            Config::parse("test.toml", &config, |_| None).unwrap_or_else(|errors| panic!("{errors}"));
        let shutdown = Shutdown::new();
        let gateway = add(gateway::app(config, shutdown.clone()).unwrap());
        Self { addr, shutdown, served: tokio::spawn(gateway.serve(listener)) }
    }

    /// The seed's topology over these two upstreams, token `letmein`.
    pub fn over(one: SocketAddr, two: SocketAddr) -> Self {
        Self::start(&topology(one, two))
    }

    /// Waits for a shutdown that was begun to end.
    pub async fn ended(mut self) -> Report {
        within("the gateway to end", &mut self.served).await.unwrap()
    }
}

impl Drop for TestGateway {
    fn drop(&mut self) {
        self.shutdown.abort();
    }
}

/// `/api` over both, `/static` over the first, `/admin` (token `letmein`) over the second.
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
