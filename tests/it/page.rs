//! The operator's page, in a real Chromium.

mod accessible;
mod plain;
mod recorded;
mod token;

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use gateway::backend;
use gateway::operator::Operator;
use gateway::serve::{Limits, Shutdown, bind, serve};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

use crate::support::gateway::{TestGateway, topology};
use crate::support::tools::free_port;

/// A demo upstream, which stops when it is asked to.
struct Backend {
    addr: SocketAddr,
    shutdown: Shutdown,
}

impl Backend {
    fn start() -> Self {
        let addr = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
        let mut backend = Self { addr, shutdown: Shutdown::new() };
        backend.start_again();
        backend
    }

    fn start_again(&mut self) {
        self.shutdown = Shutdown::new();
        let app = backend::stoppable(self.addr.port(), self.shutdown.clone());
        let listener = bind(self.addr).unwrap();
        tokio::spawn(serve(listener, move |_| app.clone(), Limits::default(), self.shutdown.clone()));
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        self.shutdown.abort();
    }
}

/// A gateway over two demo upstreams, with an operator's listener.
struct Operated {
    gateway: TestGateway,
    one: Backend,
    two: Backend,
    /// Where the page is.
    url: String,
    shutdown: Shutdown,
}

/// A dead upstream is found within a fraction of a second, as in the demo.
const PROBES: &str = "path = \"/status/200\"\ninterval = \"200ms\"\ntimeout = \"5s\"\nrise = 1\nfall = 1\n";

impl Operated {
    /// `/api` over both, `/static` over the first, `/admin` over the second, and whatever `more` says.
    fn start(more: &str) -> Self {
        let (one, two) = (Backend::start(), Backend::start());
        let probes: String =
            ["api", "static", "admin"].map(|pool| format!("[pools.{pool}.health]\n{PROBES}")).concat();
        let gateway = TestGateway::start(&format!("{more}\n{}\n{probes}", topology(one.addr, two.addr)));
        let app = Operator::of(gateway.handle.clone()).of_the_demo().router();
        let listener = bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        let (url, shutdown) = (format!("http://{}/", listener.local_addr().unwrap()), Shutdown::new());
        tokio::spawn(serve(listener, move |_| app.clone(), Limits::default(), shutdown.clone()));
        Self { gateway, one, two, url, shutdown }
    }

    /// Sends 30 to 60 requests a second until the task is aborted.
    fn traffic(&self) -> JoinHandle<()> {
        let addr = self.gateway.addr;
        tokio::spawn(async move {
            let begin = Instant::now();
            for number in 0u64.. {
                let wave = (begin.elapsed().as_secs_f64() / 40.0).sin();
                tokio::time::sleep(Duration::from_secs_f64(0.025 + 0.01 * wave)).await;
                let path = if number % 5 == 0 { "/static/x.png" } else { "/api/users" };
                // Some fail, since an upstream dies.
                drop(get(addr, path).await);
            }
        })
    }
}

impl Drop for Operated {
    fn drop(&mut self) {
        self.shutdown.abort();
    }
}

/// The answer to a request, on a connection of its own.
async fn get(addr: SocketAddr, path: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(addr).await?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {addr}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}
