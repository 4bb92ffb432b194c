//! A program that finds the upstreams of a pool itself: `cargo run --example discovery`.
//!
//! Here it "finds" one, then another one as well, then only the other, and asks the gateway each time who answers.

use std::error::Error;
use std::time::Duration;

use axum::Router;
use futures_util::stream;
use gateway::config::Config;
use gateway::discovery::Found;
use gateway::serve::Shutdown;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

const CONFIG: &str = r#"
    [pools.api]
    # Until the first set comes.
    upstreams = ["http://127.0.0.1:9"]
    [routes."/api"]
    pool = "api"
"#;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (one, other) = (upstream("one").await?, upstream("other").await?);

    // A registry, a database, an orchestrator's API: whatever yields sets.
    let (registry, found) = mpsc::channel::<Vec<Found>>(1);
    let sets = stream::unfold(found, async |mut found| Some((found.recv().await?, found)));

    let config = Config::parse("discovery.toml", CONFIG, |_| None)?;
    let shutdown = Shutdown::new();
    let gateway = gateway::app(config, shutdown.clone())?.discovery("api", sets);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let serving = tokio::spawn(gateway.serve(listener));

    for set in [vec![one.clone()], vec![one, other.clone().weight(2)], vec![other]] {
        let names: Vec<String> = set.iter().map(|found| found.target().to_string()).collect();
        registry.send(set).await?;
        tokio::time::sleep(Duration::from_millis(100)).await;
        let answers = [ask(address).await?, ask(address).await?, ask(address).await?];
        println!("{}: {}", names.join(", "), answers.join(" "));
    }
    shutdown.begin();
    serving.await?;
    Ok(())
}

async fn upstream(name: &'static str) -> Result<Found, Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let target: proxy_service::Target = format!("http://{}", listener.local_addr()?).parse()?;
    let app = Router::new().fallback(async move || name);
    tokio::spawn(async move { axum::serve(listener, app).await });
    Ok(Found::new(target))
}

async fn ask(gateway: std::net::SocketAddr) -> Result<String, Box<dyn Error>> {
    let mut connection = TcpStream::connect(gateway).await?;
    connection.write_all(b"GET /api HTTP/1.1\r\nHost: example\r\nConnection: close\r\n\r\n").await?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await?;
    Ok(answer.lines().last().unwrap_or_default().to_owned())
}
