//! An upstream that numbers its connections and reports what happens to each, and a client for it.

#![allow(dead_code, unreachable_pub, reason = "each test binary uses another part of it")]

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use proxy_service::{CatchErrorLayer, Client, ClientBuilder, ProxyService, Target};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{Notify, Semaphore};
use tower::{ServiceBuilder, ServiceExt};

pub type Proxy = ProxyService<Client<Full<Bytes>>>;

/// What happens to the connection with this number, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    Opened(usize),
    /// The client closed it.
    Closed(usize),
    /// The upstream closed it.
    HungUp(usize),
    /// A request for `/held` or `/half` has come.
    Held(usize),
}

/// Answers with the number of the connection: `/` at once; `/held` once it is released; `/half` with the head at once
/// and the rest once it is released; `/last` at once, and then it closes the connection.
pub struct Upstream {
    pub addr: SocketAddr,
    pub events: UnboundedReceiver<Event>,
    shared: Arc<Shared>,
}

struct Shared {
    events: UnboundedSender<Event>,
    releases: Semaphore,
    hang_up: Notify,
}

impl Upstream {
    pub async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let (sender, events) = unbounded_channel();
        let shared = Shared { events: sender, releases: Semaphore::new(0), hang_up: Notify::new() };
        let shared = Arc::new(shared);
        tokio::spawn(accept(listener, Arc::clone(&shared)));
        Self { addr, events, shared }
    }

    pub fn proxy(&self, client: ClientBuilder) -> Proxy {
        let target: Target = format!("http://{}", self.addr).parse().unwrap();
        ProxyService::new(target, client.build())
    }

    /// Releases this number of held answers.
    pub fn release(&self, answers: usize) {
        self.shared.releases.add_permits(answers);
    }

    /// Closes the connections that are idle.
    pub fn hang_up(&self) {
        self.shared.hang_up.notify_waiters();
    }

    pub async fn until(&mut self, event: Event) {
        while self.events.recv().await.unwrap() != event {}
    }

    /// Waits until this number of requests is held.
    pub async fn until_held(&mut self, requests: usize) {
        let mut held = 0;
        while held < requests {
            held += usize::from(matches!(self.events.recv().await.unwrap(), Event::Held(_)));
        }
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    for number in 0.. {
        let (socket, _) = listener.accept().await.unwrap();
        let _test_is_over = shared.events.send(Event::Opened(number));
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            let ended = match serve(socket, number, &shared).await {
                Some(()) => Event::HungUp(number),
                None => Event::Closed(number),
            };
            let _test_is_over = shared.events.send(ended);
        });
    }
}

/// `None` if the client ended it.
async fn serve(mut socket: TcpStream, number: usize, shared: &Shared) -> Option<()> {
    loop {
        let path = tokio::select! {
            path = read_request(&mut socket) => path?,
            () = shared.hang_up.notified() => return Some(()),
        };
        let body = number.to_string();
        let close = if path == "/last" { "connection: close\r\n" } else { "" };
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n{close}\r\n", body.len());
        if path == "/half" {
            socket.write_all(head.as_bytes()).await.ok()?;
        }
        if path == "/held" || path == "/half" {
            let _test_is_over = shared.events.send(Event::Held(number));
            let mut closed = [0];
            tokio::select! {
                release = shared.releases.acquire() => release.unwrap().forget(),
                _ = socket.read(&mut closed) => return None,
            }
        }
        let rest = if path == "/half" { body } else { head + &body };
        socket.write_all(rest.as_bytes()).await.ok()?;
        if path == "/last" {
            return Some(());
        }
    }
}

/// The path of a request. A body, if there is one, ends in `.`.
async fn read_request(socket: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        if socket.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, body)) = text.split_once("\r\n\r\n")
            && (!head.starts_with("POST") || body.ends_with('.'))
        {
            return head.split(' ').nth(1).map(str::to_owned);
        }
    }
}

pub type Answer = (http::response::Parts, String);

pub async fn ask(proxy: &Proxy, path: &str) -> Answer {
    send(proxy, Request::get(path).header("host", "shop.example").body(Full::default()).unwrap()).await
}

pub async fn post(proxy: &Proxy) -> Answer {
    let body = Full::from("an order.");
    send(proxy, Request::post("/").header("host", "shop.example").body(body).unwrap()).await
}

async fn send(proxy: &Proxy, request: Request<Full<Bytes>>) -> Answer {
    let caught = ServiceBuilder::new().layer(CatchErrorLayer::new()).service(proxy.clone());
    let (head, body) = caught.oneshot(request).await.unwrap().into_parts();
    (head, String::from_utf8(body.collect().await.unwrap().to_bytes().into()).unwrap())
}

/// The number of the connection that a request is answered on.
pub async fn connection_of(proxy: &Proxy, path: &str) -> usize {
    let (head, body) = ask(proxy, path).await;
    assert_eq!(head.status, 200, "{body}");
    body.parse().unwrap()
}
