//! WebSockets over HTTP/2 (RFC 8441): an extended CONNECT of the client, an upgrade at the upstream.

mod ending;
mod refused;

use std::future::poll_fn;

use axum::Router;
use axum::extract::ws::{self, WebSocket, WebSocketUpgrade};
use axum::routing::any;
use bytes::Bytes;
use h2::client::{ResponseFuture, SendRequest};
use h2::ext::Protocol;
use h2::{RecvStream, SendStream};
use http::{HeaderMap, Request, Response};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex, split};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;

use super::{ByHand, read_head};
use crate::support::gateway::TestGateway;
use crate::support::raw::RawClient;
use crate::support::sole::{Sole, demo_backend};
use crate::support::{h2 as client, within};

/// A connection of the `h2` crate whose server offers extended CONNECT.
async fn connect(gateway: &TestGateway) -> SendRequest<Bytes> {
    let (requests, _connection) = client::raw(gateway.addr).await;
    let offered = async {
        while !requests.is_extended_connect_protocol_enabled() {
            tokio::task::yield_now().await;
        }
    };
    within("SETTINGS_ENABLE_CONNECT_PROTOCOL", offered).await;
    requests
}

fn extended_connect(protocol: &str, path: &str) -> http::request::Builder {
    Request::connect(format!("http://test{path}"))
        .extension(Protocol::from(protocol))
        .header("sec-websocket-version", "13")
}

async fn ask(
    requests: &SendRequest<Bytes>,
    request: http::request::Builder,
) -> (ResponseFuture, SendStream<Bytes>) {
    let mut requests = within("room for a stream", requests.clone().ready()).await.unwrap();
    requests.send_request(request.body(()).unwrap(), false).unwrap()
}

/// The client's end of a tunnel.
struct Client {
    sent: SendStream<Bytes>,
    received: RecvStream,
    _requests: SendRequest<Bytes>,
}

impl Client {
    fn send(&mut self, bytes: &'static [u8]) {
        self.sent.send_data(Bytes::from_static(bytes), false).unwrap();
    }

    fn finish(&mut self) {
        self.sent.send_data(Bytes::new(), true).unwrap();
    }

    async fn next(&mut self) -> Option<Result<Bytes, h2::Error>> {
        within("data of the stream", self.received.data()).await
    }

    /// Everything up to the end of the stream, or to its reset.
    async fn rest(&mut self) -> (Vec<u8>, Option<h2::Reason>) {
        let mut rest = Vec::new();
        loop {
            match self.next().await {
                Some(Ok(data)) => rest.extend(data),
                Some(Err(error)) => return (rest, error.reason()),
                None => return (rest, None),
            }
        }
    }

    /// Both directions as one stream of bytes.
    fn into_stream(self) -> DuplexStream {
        let Self { mut sent, mut received, _requests } = self;
        let (near, far) = duplex(1 << 16);
        let (mut reads, mut writes) = split(far);
        tokio::spawn(async move {
            while let Some(Ok(data)) = received.data().await {
                received.flow_control().release_capacity(data.len()).unwrap();
                writes.write_all(&data).await.unwrap();
            }
            let _ = writes.shutdown().await;
        });
        tokio::spawn(async move {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = reads.read(&mut buffer).await {
                let mut data = Bytes::copy_from_slice(&buffer[..count]);
                while !data.is_empty() {
                    sent.reserve_capacity(data.len());
                    let Some(Ok(room)) = poll_fn(|cx| sent.poll_capacity(cx)).await else { return };
                    sent.send_data(data.split_to(room.min(data.len())), false).unwrap();
                }
            }
            let _ = sent.send_data(Bytes::new(), true);
            drop(_requests);
        });
        near
    }
}

/// The answer of an upstream that has read this head.
fn switched(head: &str) -> String {
    let key = head.lines().find_map(|line| line.strip_prefix("sec-websocket-key: ")).unwrap();
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Accept: {}\r\nSec-WebSocket-Protocol: chat\r\n\r\n",
        derive_accept_key(key.as_bytes())
    )
}

/// An open tunnel, and what each side was told at its beginning.
struct Opened {
    client: Client,
    upstream: RawClient,
    answer: Response<()>,
    asked: String,
}

async fn open(gateway: &TestGateway, by_hand: &ByHand) -> Opened {
    let requests = connect(gateway).await;
    let request = extended_connect("websocket", "/ws?a=b").header("sec-websocket-protocol", "chat");
    let (answer, sent) = ask(&requests, request).await;
    let mut upstream = by_hand.accept().await;
    let asked = read_head(&mut upstream).await;
    upstream.send(switched(&asked)).await;
    let (head, received) = within("an answer", answer).await.unwrap().into_parts();
    let client = Client { sent, received, _requests: requests };
    Opened { client, upstream, answer: Response::from_parts(head, ()), asked }
}

async fn opened_with(timeout: &str) -> (TestGateway, Opened) {
    let by_hand = ByHand::listen().await;
    let gateway = Sole::new(by_hand.addr()).timeout(timeout).start();
    let opened = open(&gateway, &by_hand).await;
    (gateway, opened)
}

#[tokio::test]
async fn each_side_speaks_its_own_handshake() {
    let (_gateway, Opened { mut client, mut upstream, answer, asked }) =
        opened_with("tunnel_idle = \"1h\"").await;
    assert!(asked.starts_with("GET /ws?a=b HTTP/1.1\r\nhost: "), "{asked}");
    for line in [
        "connection: upgrade",
        "upgrade: websocket",
        "sec-websocket-version: 13",
        "sec-websocket-protocol: chat",
    ] {
        assert!(asked.contains(&format!("\r\n{line}\r\n")), "{asked}");
    }
    assert!(!asked.contains("content-length") && !asked.contains("transfer-encoding"), "{asked}");

    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["sec-websocket-protocol"], "chat");
    for name in ["connection", "upgrade", "sec-websocket-accept", "content-length"] {
        assert!(!answer.headers().contains_key(name), "{answer:?}");
    }

    client.send(b"up");
    assert_eq!(upstream.bytes(2).await, b"up");
    upstream.send("down").await;
    assert_eq!(client.next().await.unwrap().unwrap(), "down");
}

#[tokio::test]
async fn a_websocket_client_talks_to_the_demo_upstream() {
    let gateway = Sole::new(demo_backend()).start();
    let requests = connect(&gateway).await;
    talk(&requests, "/echo").await;
}

/// What an embedder serves beside the routes finds hyper's extensions, as with hyper's own server.
#[tokio::test]
async fn a_websocket_client_talks_to_a_handler_of_axum() {
    async fn echo(mut socket: WebSocket) {
        while let Some(Ok(message)) = socket.recv().await {
            // A Close is answered by the next `recv`.
            if !matches!(message, ws::Message::Close(_)) {
                socket.send(message).await.unwrap();
            }
        }
    }
    let app = Router::new().route("/ws", any(async |upgrade: WebSocketUpgrade| upgrade.on_upgrade(echo)));
    let pools = "[pools.none]\nupstreams = [\"http://127.0.0.1:1\"]\n[routes.\"/none\"]\npool = \"none\"\n";
    let gateway = TestGateway::start_with(pools, |gateway| gateway.nest_service("/own", app));
    let requests = connect(&gateway).await;
    talk(&requests, "/own/ws").await;
}

/// Sends messages of several sizes, closes, and has all of it echoed.
async fn talk(requests: &SendRequest<Bytes>, path: &str) {
    use futures_util::{SinkExt as _, StreamExt as _};
    let (answer, sent) = ask(requests, extended_connect("websocket", path)).await;
    let answer = within("an answer", answer).await.unwrap();
    assert_eq!(answer.status(), 200);
    let client = Client { sent, received: answer.into_body(), _requests: requests.clone() };
    let mut socket = WebSocketStream::from_raw_socket(client.into_stream(), Role::Client, None).await;
    for message in [Message::text("hello"), Message::binary(vec![7; 1 << 20]), Message::text("")] {
        socket.send(message.clone()).await.unwrap();
        assert_eq!(within("the echo", socket.next()).await.unwrap().unwrap(), message);
    }
    socket.close(None).await.unwrap();
    assert!(within("a Close", socket.next()).await.unwrap().unwrap().is_close());
    assert!(within("the end", socket.next()).await.is_none());
}

#[tokio::test]
async fn many_share_a_connection_and_do_not_mix() {
    let by_hand = ByHand::listen().await;
    let gateway = Sole::new(by_hand.addr()).start();
    let requests = connect(&gateway).await;
    let mut open = Vec::new();
    for number in 0..20_u8 {
        let (answer, sent) = ask(&requests, extended_connect("websocket", "/ws")).await;
        let mut upstream = by_hand.accept().await;
        let asked = read_head(&mut upstream).await;
        upstream.send(switched(&asked)).await;
        let received = within("an answer", answer).await.unwrap().into_body();
        open.push((number, Client { sent, received, _requests: requests.clone() }, upstream));
    }
    for (number, _, upstream) in &mut open {
        upstream.send([*number]).await;
    }
    for (number, client, upstream) in &mut open {
        assert_eq!(client.next().await.unwrap().unwrap(), [*number].as_slice());
        client.send(b"x");
        assert_eq!(upstream.bytes(1).await, b"x");
    }
}

async fn status_of_upgrade_that_is_refused(gateway: &TestGateway, by_hand: &ByHand) -> u16 {
    let requests = connect(gateway).await;
    loop {
        let (answer, _sent) = ask(&requests, extended_connect("websocket", "/ws")).await;
        let mut answer = Box::pin(answer);
        let mut far = tokio::select! {
            head = &mut answer => {
                // The end of the tunnel before may not have been noticed yet.
                assert_eq!(head.unwrap().status(), 503);
                continue;
            }
            far = by_hand.accept() => far,
        };
        read_head(&mut far).await;
        far.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n").await;
        return within("an answer", answer).await.unwrap().status().as_u16();
    }
}

/// It is in flight at its upstream until it ends.
#[tokio::test]
async fn it_takes_a_place_of_the_limit_until_it_ends() {
    let by_hand = ByHand::listen().await;
    let config = format!(
        "[pools.api]\nupstreams = [\"http://{}\"]\nmax_in_flight = 1\nqueue = {{ size = 0, timeout = \"1s\" }}\n\
         [routes.\"/\"]\npool = \"api\"\n",
        by_hand.addr()
    );
    let gateway = TestGateway::start(&config);
    let Opened { client, mut upstream, .. } = open(&gateway, &by_hand).await;
    let mut other = client::H2Client::connect(gateway.addr).await;
    assert_eq!(other.get("/other").await.status, 503);
    drop(client);
    assert_eq!(upstream.rest().await.0, b"");
    assert_eq!(status_of_upgrade_that_is_refused(&gateway, &by_hand).await, 403, "the place is free");
}
