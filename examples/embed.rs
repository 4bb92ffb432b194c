//! A gateway inside a program of your own, which changes its configuration while it serves.
//!
//! `cargo run --example embed` starts two upstreams and a gateway in front of the first one, sends it a request, applies
//! another configuration, sends a second request over the same connection, and ends.

use std::error::Error;
use std::net::{Ipv4Addr, SocketAddr};

use gateway::backend;
use gateway::config::{Config, ConfigErrors};
use gateway::serve::{Limits, Shutdown, bind, serve};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

type Failure = Box<dyn Error + Send + Sync>;

const ANY_PORT: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// A configuration of your own making: read from a file, a database, or put together as here.
fn config(listen: SocketAddr, upstreams: &[SocketAddr]) -> Result<Config, ConfigErrors> {
    let urls: Vec<String> = upstreams.iter().map(|upstream| format!("\"http://{upstream}\"")).collect();
    let text = format!(
        "listen = \"{listen}\"\n[pools.app]\nupstreams = [{}]\n[routes.\"/app\"]\npool = \"app\"\n",
        urls.join(", ")
    );
    Config::parse("embed", text, |_| None)
}

async fn start_upstream() -> Result<SocketAddr, Failure> {
    let listener = bind(ANY_PORT)?;
    let addr = listener.local_addr()?;
    let app = backend::router(addr.port());
    tokio::spawn(serve(listener, move |_| app.clone(), Limits::default(), Shutdown::new()));
    Ok(addr)
}

/// Sends a request and prints the first line of what the upstream says.
async fn ask(client: &mut TcpStream) -> Result<(), Failure> {
    client.write_all(b"GET /app/hello HTTP/1.1\r\nHost: example\r\n\r\n").await?;
    let mut answer = vec![0; 16 << 10];
    let length = client.read(&mut answer).await?;
    let answer = String::from_utf8_lossy(answer.get(..length).unwrap_or_default()).into_owned();
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    println!("{}", body.lines().next().unwrap_or("no answer"));
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let (one, two) = (start_upstream().await?, start_upstream().await?);
    let listener = bind(ANY_PORT)?;
    let addr = listener.local_addr()?;

    let shutdown = Shutdown::new();
    let gateway = gateway::app(config(addr, &[one])?, shutdown.clone())?;
    let handle = gateway.handle();
    let served = tokio::spawn(gateway.serve(listener));

    let mut client = TcpStream::connect(addr).await?;
    ask(&mut client).await?;
    println!("{}", handle.apply(config(addr, &[two])?).await?);
    ask(&mut client).await?;

    shutdown.begin();
    println!("{:?}", served.await?);
    Ok(())
}
