//! The gateway's listener in front of an axum app of your own, in place of `axum::serve`. It adds limits on time, size
//! and the number of connections, and a graceful shutdown with a deadline.
//!
//! `cargo run --example serve_axum` starts the app, uses it, shuts it down and ends. With an address, `cargo run
//! --example serve_axum 127.0.0.1:8080` serves the app there until a signal comes. With `axum` after the address,
//! `axum::serve` serves the same app: `python3 benches/compare --servers` compares the two.

use std::convert::Infallible;
use std::error::Error;
use std::net::SocketAddr;
use std::time::Duration;

use axum::extract::ws::{WebSocket, WebSocketUpgrade};
use axum::extract::{ConnectInfo, Json};
use axum::http::header::LINK;
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode};
use axum::response::Response;
use axum::response::sse::{Event, Sse};
use axum::routing::{any, get, post};
use axum::{Extension, Router};
use futures_util::stream::{self, Stream, StreamExt as _};
use gateway::serve::{Informational, Limits, Report, RequestBody, Shutdown, bind, signals};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::{self, Message};
use tower::ServiceExt as _;

type Failure = Box<dyn Error + Send + Sync>;

fn app() -> Router {
    Router::new()
        .route("/", get(async || "hello\n"))
        .route("/peer", get(async |ConnectInfo(peer): ConnectInfo<SocketAddr>| format!("{}\n", peer.ip())))
        .route(
            "/sum",
            post(async |Json(numbers): Json<Vec<u32>>| Json(numbers.into_iter().map(u64::from).sum::<u64>())),
        )
        .route("/hinted", get(hinted))
        .route("/events", get(events))
        .route("/echo", any(echo))
}

/// A page whose style sheet the client may fetch before the page is there (103 Early Hints). HTTP/1.0 has no hints.
async fn hinted(client: Option<Extension<Informational>>) -> &'static str {
    if let Some(Extension(client)) = client {
        let style = HeaderValue::from_static("</style.css>; rel=preload; as=style");
        let hints = HeaderMap::from_iter([(LINK, style)]);
        let _it_is_only_a_hint = client.send(StatusCode::EARLY_HINTS, hints).await;
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    "the page\n"
}

/// Three server-sent events.
async fn events() -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    Sse::new(stream::iter(1..=3).then(async |number: u32| {
        tokio::time::sleep(Duration::from_millis(100)).await;
        Ok(Event::default().data(number.to_string()))
    }))
}

/// A WebSocket that sends back what it gets.
async fn echo(upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(async |mut socket: WebSocket| {
        while let Some(Ok(message)) = socket.recv().await {
            if socket.send(message).await.is_err() {
                break;
            }
        }
    })
}

async fn serve(listener: TcpListener, shutdown: Shutdown) -> Report {
    let app = app();
    let limits = Limits { connections: 20_000, ..Limits::default() }.within_open_file_limit();
    // The handlers learn the peer's address as they do from axum::serve.
    let with_peer = move |peer| {
        app.clone().map_request(move |mut request: Request<RequestBody>| {
            request.extensions_mut().insert(ConnectInfo::<SocketAddr>(peer));
            request
        })
    };
    gateway::serve::serve(listener, with_peer, limits, shutdown).await
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let Some(address) = arguments.next() else { return try_it().await };
    let listener = bind(address.parse()?)?;
    if arguments.next().as_deref() == Some("axum") {
        axum::serve(listener, app().into_make_service_with_connect_info::<SocketAddr>()).await?;
        return Ok(());
    }
    let shutdown = Shutdown::new();
    signals(shutdown.clone())?;
    let Report { drained, aborted, .. } = serve(listener, shutdown).await;
    println!("{drained} connections ended in order, {aborted} were cut off");
    Ok(())
}

async fn try_it() -> Result<(), Failure> {
    let listener = bind(([127, 0, 0, 1], 0).into())?;
    let addr = listener.local_addr()?;
    let shutdown = Shutdown::new();
    let served = tokio::spawn(serve(listener, shutdown.clone()));

    print("GET /", &ask(addr, "GET / HTTP/1.1", "").await?);
    print("GET /peer", &ask(addr, "GET /peer HTTP/1.1", "").await?);
    print("POST /sum", &ask(addr, "POST /sum HTTP/1.1\r\nContent-Type: application/json", "[1,2,39]").await?);
    print("WebSocket /echo", &tokio::task::spawn_blocking(move || talk(addr)).await??);

    // An answer that has begun is finished. To HTTP/1.0 it isn't chunked.
    let mut events = TcpStream::connect(addr).await?;
    events.write_all(b"GET /events HTTP/1.0\r\nHost: example\r\n\r\n").await?;
    events.readable().await?;
    shutdown.begin();
    let mut answer = String::new();
    events.read_to_string(&mut answer).await?;
    print("GET /events", &answer);
    let Report { drained, aborted, .. } = served.await?;
    println!("{drained} connections ended in order, {aborted} were cut off");
    if aborted > 0 || !answer.contains("data: 3") {
        return Err("the shutdown cut an answer off".into());
    }
    Ok(())
}

/// Sends a request, and returns the whole answer.
async fn ask(addr: SocketAddr, head: &str, body: &str) -> Result<String, Failure> {
    let mut connection = TcpStream::connect(addr).await?;
    let length = body.len();
    let request =
        format!("{head}\r\nHost: example\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}");
    connection.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await?;
    if answer.starts_with("HTTP/1.1 200 ") { Ok(answer) } else { Err(answer.into()) }
}

/// Sends a message over a WebSocket, and returns what comes back.
fn talk(addr: SocketAddr) -> Result<String, Failure> {
    let stream = std::net::TcpStream::connect(addr)?;
    let (mut socket, _) = tungstenite::client(format!("ws://{addr}/echo"), stream)?;
    socket.send(Message::text("hello again"))?;
    let echoed = socket.read()?.into_text()?;
    socket.close(None)?;
    Ok(echoed.to_string())
}

/// Prints the lines of an answer's body.
fn print(what: &str, answer: &str) {
    let body = answer.split_once("\r\n\r\n").map_or(answer, |(_, body)| body);
    let lines: Vec<&str> = body.lines().filter(|line| !line.is_empty()).collect();
    println!("{what:<16} {}", lines.join(", "));
}
