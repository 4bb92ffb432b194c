//! The `h2` crate, on which `crates/gateway/serve/http2/` and `crates/proxy-service/src/client/multiplexed/` stand.

use std::convert::Infallible;
use std::future::poll_fn;

use bytes::{Buf, Bytes};
use h2::server::{Connection, SendResponse};
use h2::{Reason, RecvStream, client, server};
use http::{Request, Response, StatusCode};
use tokio::io::{DuplexStream, duplex};
use tokio::sync::oneshot::{self, error::TryRecvError};

use crate::support::within;

/// A piece of a body, of which one can tell when h2 has dropped it.
struct Held {
    bytes: Bytes,
    _gone: oneshot::Sender<Infallible>,
}

impl Buf for Held {
    fn remaining(&self) -> usize {
        self.bytes.remaining()
    }

    fn chunk(&self) -> &[u8] {
        self.bytes.chunk()
    }

    fn advance(&mut self, count: usize) {
        self.bytes.advance(count);
    }
}

/// A client that has sent the head of a request, and the server that has read it. The server's side of the connection
/// stands still until it is polled again.
struct Exchange {
    answer: client::ResponseFuture,
    upload: h2::SendStream<Bytes>,
    server: Connection<DuplexStream, Held>,
    request: Request<RecvStream>,
    respond: SendResponse<Held>,
}

/// `window` is that of the client's and of the server's streams, in bytes.
async fn exchange(request: Request<()>, window: u32) -> Exchange {
    let (near, far) = duplex(1 << 16);
    let asked = async move {
        let client = client::Builder::new().initial_window_size(window).handshake(near);
        let (requests, connection) = client.await.unwrap();
        tokio::spawn(connection);
        requests.ready().await.unwrap().send_request(request, false).unwrap()
    };
    let received = async {
        let mut server: Connection<_, Held> =
            server::Builder::new().initial_window_size(window).handshake(far).await.unwrap();
        let (request, respond) = server.accept().await.unwrap().unwrap();
        (server, request, respond)
    };
    let both = async { tokio::join!(asked, received) };
    let ((answer, upload), (server, request, respond)) = within("the request", both).await;
    Exchange { answer, upload, server, request, respond }
}

fn drive(mut server: Connection<DuplexStream, Held>) {
    tokio::spawn(async move { while server.accept().await.is_some() {} });
}

fn post() -> Request<()> {
    Request::post("http://test/").body(()).unwrap()
}

fn held(bytes: &'static [u8]) -> (Held, oneshot::Receiver<Infallible>) {
    let (gone, awaited) = oneshot::channel();
    (Held { bytes: Bytes::from_static(bytes), _gone: gone }, awaited)
}

/// For `serve/http2/sending.rs`, which waits for a mark behind the answer before it resets a stream.
#[tokio::test]
async fn a_reset_drops_what_is_not_written_also_the_head() {
    let Exchange { answer, server, mut respond, upload: _upload, .. } = exchange(post(), 100).await;
    let mut stream = respond.send_response(Response::new(()), false).unwrap();
    stream.send_data(held(b"content").0, false).unwrap();
    stream.send_reset(Reason::INTERNAL_ERROR);
    drive(server);
    let error = within("the reset", answer).await.unwrap_err();
    assert_eq!(error.reason(), Some(Reason::INTERNAL_ERROR));
}

/// For the mark of `serve/http2/piece.rs`, which is sent while the window is shut.
#[tokio::test]
async fn an_empty_frame_needs_no_window_and_is_dropped_once_it_is_written() {
    let Exchange { answer, server, mut respond, upload: _upload, .. } = exchange(post(), 0).await;
    let mut stream = respond.send_response(Response::new(()), false).unwrap();
    let (mark, mut gone) = held(b"");
    stream.send_data(mark, false).unwrap();
    assert_eq!(gone.try_recv(), Err(TryRecvError::Empty), "nothing is written yet");
    drive(server);
    within("the mark's end", gone).await.unwrap_err();
    assert_eq!(within("the head", answer).await.unwrap().status(), 200, "the stream goes on");
}

/// For both sides' bodies: a sender gets as much room as its reader gives back, so an unread body stops it.
#[tokio::test]
async fn only_what_is_released_opens_the_window() {
    let Exchange { mut upload, server, request, respond: _respond, .. } = exchange(post(), 4).await;
    drive(server);
    let mut body = request.into_body();
    upload.reserve_capacity(8);
    assert_eq!(within("room", poll_fn(|cx| upload.poll_capacity(cx))).await.unwrap().unwrap(), 4);
    upload.send_data(Bytes::from_static(b"four"), false).unwrap();
    assert_eq!(within("the data", body.data()).await.unwrap().unwrap(), "four");
    assert_eq!((upload.capacity(), body.flow_control().used_capacity()), (0, 4), "it was read, and no more");

    body.flow_control().release_capacity(4).unwrap();
    assert_eq!(within("room", poll_fn(|cx| upload.poll_capacity(cx))).await.unwrap().unwrap(), 4);
}

/// For `serve/http2/content.rs`, which counts down from the length and checks nothing.
#[tokio::test]
async fn a_body_that_breaks_its_length_is_an_error() {
    let said = Request::post("http://test/").header("content-length", 5).body(()).unwrap();
    let Exchange { mut upload, server, request, respond: _respond, .. } = exchange(said, 100).await;
    drive(server);
    upload.send_data(Bytes::from_static(b"four"), true).unwrap();
    let mut body = request.into_body();
    let error = loop {
        match within("the body's end", body.data()).await {
            Some(Ok(_)) => {}
            end => break end.expect("it has no orderly end").unwrap_err(),
        }
    };
    assert_eq!(error.reason(), Some(Reason::PROTOCOL_ERROR));
}

/// For `client/multiplexed/`, which asks for interim answers before each poll for the answer.
#[tokio::test]
async fn interim_answers_come_to_who_asks_for_them_first() {
    let Exchange { mut answer, server, mut respond, upload: _upload, .. } = exchange(post(), 100).await;
    let hints = Response::builder().status(StatusCode::EARLY_HINTS).header("link", "</a>").body(()).unwrap();
    respond.send_informational(hints).unwrap();
    respond.send_response(Response::new(()), true).unwrap();
    drive(server);
    let interim = within("the 103", poll_fn(|cx| answer.poll_informational(cx))).await.unwrap().unwrap();
    assert_eq!(
        (interim.status(), &interim.headers()["link"]),
        (StatusCode::EARLY_HINTS, &"</a>".parse().unwrap())
    );
    assert_eq!(within("the answer", answer).await.unwrap().status(), 200);
}
