//! A gateway in front of one upstream, and the demo upstream in this process.

use std::net::SocketAddr;

use gateway::backend;
use gateway::serve::{Limits, Shutdown, bind, serve};

use super::gateway::TestGateway;

/// One pool of one upstream at `/`, with whatever else a test needs.
pub struct Sole {
    upstream: SocketAddr,
    root: String,
    route: String,
    timeouts: String,
}

impl Sole {
    pub fn new(upstream: SocketAddr) -> Self {
        Self { upstream, root: String::new(), route: String::new(), timeouts: String::new() }
    }

    /// Adds a line to the configuration's top, such as `limits.uri = 100`.
    pub fn line(mut self, line: &str) -> Self {
        self.root += line;
        self.root += "\n";
        self
    }

    /// Adds a line to the route, such as `max_body = 10`.
    pub fn route(mut self, line: &str) -> Self {
        self.route += line;
        self.route += "\n";
        self
    }

    /// Adds a line to the timeouts, such as `tunnel_idle = "1s"`.
    pub fn timeout(mut self, line: &str) -> Self {
        self.timeouts += line;
        self.timeouts += "\n";
        self
    }

    /// Its TOML without `listen`. `/gated` is the same pool behind the token `letmein`.
    pub fn config(&self) -> String {
        let Self { upstream, root, route, timeouts } = self;
        format!(
            "{root}[timeouts]\n{timeouts}\n[pools.sole]\nupstreams = [\"http://{upstream}\"]\n\
             [routes.\"/\"]\npool = \"sole\"\n{route}\n\
             [routes.\"/gated\"]\npool = \"sole\"\nadmin_tokens = [\"letmein\"]\n"
        )
    }

    pub fn start(&self) -> TestGateway {
        TestGateway::start(&self.config())
    }
}

/// The demo upstream on a port of its own, until the runtime ends.
pub fn demo_backend() -> SocketAddr {
    let listener = bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let addr = listener.local_addr().unwrap();
    let router = backend::router(addr.port());
    tokio::spawn(serve(listener, move |_| router.clone(), Limits::default(), Shutdown::new()));
    addr
}
