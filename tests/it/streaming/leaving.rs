//! A client that leaves: the request to the upstream is given up at once, in whatever state it is.

use std::time::{Duration, Instant};

use bytes::Bytes;
use h2::Reason;
use http::Request;
use tokio::task::JoinHandle;

use super::chunked_answer;
use crate::support::body::BodyEnd;
use crate::support::h2 as http2;
use crate::support::raw::RawClient;
use crate::support::recorder::{End, RecordedRequest, RecordingUpstream, Script, Step};
use crate::support::sole::Sole;
use crate::support::within;

/// The state of the exchange when the client leaves.
#[derive(Clone, Copy, Debug, PartialEq)]
enum At {
    BeforeTheHead,
    MidBody,
    /// The body has a length, and isn't complete.
    MidUpload,
    /// The body is chunked, and has had no last chunk.
    MidChunkedUpload,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Leaving {
    Fin,
    Reset,
    /// HTTP/2: only the stream ends.
    StreamReset,
    /// HTTP/2: the connection ends.
    Connection,
}

/// The path says what the upstream does.
fn script(request: &RecordedRequest) -> Script {
    match request.target.as_str() {
        "/stream" => Script::default().then(Step::Send(chunked_answer("begun"))).then(Step::AwaitClose),
        "/silence" => Script::silence(),
        other => Script::ok(other.to_owned()),
    }
}

impl At {
    fn path(self) -> &'static str {
        if self == At::MidBody { "/stream" } else { "/silence" }
    }

    fn is_upload(self) -> bool {
        matches!(self, At::MidUpload | At::MidChunkedUpload)
    }

    fn http1(self) -> String {
        let (path, head) = (self.path(), "HTTP/1.1\r\nHost: test\r\n");
        match self {
            At::BeforeTheHead | At::MidBody => format!("GET {path} {head}\r\n"),
            At::MidUpload => format!("POST {path} {head}Content-Length: 1000\r\n\r\nbegun"),
            At::MidChunkedUpload => {
                format!("POST {path} {head}Transfer-Encoding: chunked\r\n\r\n5\r\nbegun\r\n")
            }
        }
    }

    fn http2(self) -> Request<()> {
        let request = Request::builder().uri(format!("http://test{}", self.path()));
        match self {
            At::BeforeTheHead | At::MidBody => request.method("GET"),
            At::MidUpload => request.method("POST").header("content-length", 1000),
            At::MidChunkedUpload => request.method("POST"),
        }
        .body(())
        .unwrap()
    }

    /// Waits until the exchange is in that state.
    async fn reached_by(self, upstream: &RecordingUpstream) {
        let has_come_so_far = |request: &RecordedRequest| {
            request.target == self.path() && (!self.is_upload() || !request.body.bytes.is_empty())
        };
        within("the upstream to be where the client leaves", async {
            while !upstream.requests().iter().any(has_come_so_far) {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        })
        .await;
    }
}

/// A client in the middle of an exchange.
enum Client {
    Http1(Box<RawClient>),
    Http2 {
        connection: JoinHandle<Result<(), h2::Error>>,
        stream: h2::SendStream<Bytes>,
        _requests: h2::client::SendRequest<Bytes>,
        _response: Option<h2::client::ResponseFuture>,
        _body: Option<h2::RecvStream>,
    },
}

impl Client {
    async fn http1(addr: std::net::SocketAddr, at: At) -> Self {
        let mut client = RawClient::connect(addr).await;
        client.send(at.http1()).await;
        if at == At::MidBody {
            let mut response = client.response_head("GET").await;
            client.until(&mut response, "begun").await;
        }
        Client::Http1(Box::new(client))
    }

    async fn http2(addr: std::net::SocketAddr, at: At) -> Self {
        let (requests, connection) = http2::raw(addr).await;
        let mut requests = within("a stream", requests.ready()).await.unwrap();
        let (response, mut stream) = requests.send_request(at.http2(), !at.is_upload()).unwrap();
        if at.is_upload() {
            stream.send_data("begun".into(), false).unwrap();
        }
        let (mut response, mut body) = (Some(response), None);
        if at == At::MidBody {
            let mut stream = within("a head", response.take().unwrap()).await.unwrap().into_body();
            assert_eq!(within("data", stream.data()).await.unwrap().unwrap(), "begun");
            body = Some(stream);
        }
        Client::Http2 { connection, stream, _requests: requests, _response: response, _body: body }
    }

    /// Leaves. What is returned must be kept, so that no more ends than was asked for.
    fn leave(self, leaving: Leaving) -> Option<Self> {
        match (self, leaving) {
            (Client::Http1(client), Leaving::Fin) => drop(client),
            (Client::Http1(client), Leaving::Reset) => client.reset(),
            (Client::Http2 { connection, .. }, Leaving::Connection) => connection.abort(),
            (mut client @ Client::Http2 { .. }, Leaving::StreamReset) => {
                if let Client::Http2 { stream, .. } = &mut client {
                    stream.send_reset(Reason::CANCEL);
                }
                return Some(client);
            }
            (_, leaving) => panic!("a client can't leave by {leaving:?}"),
        }
        None
    }
}

#[tokio::test]
async fn leaving_cancels_the_upstream_request() {
    let mut slowest = Duration::ZERO;
    for at in [At::BeforeTheHead, At::MidBody, At::MidUpload, At::MidChunkedUpload] {
        for leaving in [Leaving::Fin, Leaving::Reset, Leaving::StreamReset, Leaving::Connection] {
            let upstream = RecordingUpstream::start(script).await;
            let gateway = Sole::new(upstream.addr()).start();
            let client = match leaving {
                Leaving::Fin | Leaving::Reset => Client::http1(gateway.addr, at).await,
                Leaving::StreamReset | Leaving::Connection => Client::http2(gateway.addr, at).await,
            };
            at.reached_by(&upstream).await;

            let left = Instant::now();
            let _rest = client.leave(leaving);
            let closed = upstream.next_closed().await;
            slowest = slowest.max(left.elapsed());

            assert!(
                matches!(closed.end, Some(End::PeerClosed | End::PeerReset)),
                "{at:?} {leaving:?}: {closed:?}"
            );
            let request = &upstream.requests()[0];
            let is_whole = request.body.end == BodyEnd::Complete;
            assert_eq!(is_whole, !at.is_upload(), "{at:?} {leaving:?}: the upstream saw {:?}", request.body);
            assert_eq!(upstream.requests().len(), 1, "{at:?} {leaving:?}: sent again");
            assert_eq!(RawClient::connect(gateway.addr).await.get("/after").await.text(), "/after");
        }
    }
    println!("cancelled upstream after at most {slowest:?}");
    // Much less than any timeout that could have done it instead.
    assert!(slowest < Duration::from_secs(2), "{slowest:?}");
}

/// Clients that leave at any moment cost nothing that lasts, and no other client gets their answers.
#[tokio::test]
async fn a_storm_of_leaving_clients_leaves_nothing_behind() {
    const CLIENTS: usize = 200;
    let upstream = RecordingUpstream::start(|request| match request.target.as_str() {
        "/victim" => Script::ok("victim"),
        _ => Script::answer(crate::support::recorder::Answer::new(200).chunks(["x"; 50])),
    })
    .await;
    let gateway = Sole::new(upstream.addr()).start();
    let request =
        "POST /leaving HTTP/1.1\r\nHost: test\r\nContent-Length: 100\r\n\r\n".to_owned() + &"y".repeat(100);
    let mut victim = RawClient::connect(gateway.addr).await;
    for number in 0..CLIENTS {
        let mut client = RawClient::connect(gateway.addr).await;
        let sent = request.len() * (number % 20 + 1) / 20;
        client.send(&request[..sent]).await;
        if sent == request.len() && number % 3 != 0 {
            let mut response = client.response_head("POST").await;
            client.piece(&mut response).await;
        }
        if number % 2 == 0 {
            drop(client)
        } else {
            client.reset()
        }
        let answer = victim.get("/victim").await;
        assert_eq!((answer.status(), answer.text().as_str()), (200, "victim"), "after {number}");
    }
    // Every connection that is still open must be usable: no exchange is left unfinished on it.
    within("every upload to have ended", async {
        while upstream.requests().iter().any(|request| request.body.end == BodyEnd::Open) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    for request in upstream.requests().iter().filter(|request| request.target == "/leaving") {
        let whole = request.body.end == BodyEnd::Complete;
        assert_eq!(whole, request.body.bytes.len() == 100, "{request:?}");
    }
    upstream.assert_clean();
}
