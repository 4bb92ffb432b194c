//! What happens to requests when a stream or its connection ends before the answer.

use std::pin::Pin;
use std::task::{Context, Poll};

use h2::server::Builder;
use http_body::Frame;
use proxy_service::ErrorKind;
use tokio::io::AsyncWriteExt;
use tokio::sync::oneshot;
use tower::ServiceExt;

use super::upstream::{Bare, Upstream, read_head};
use super::*;

pub(super) fn asking(
    proxy: &Proxy,
    request: Request<Body>,
) -> tokio::task::JoinHandle<Result<u16, (ErrorKind, bool)>> {
    let proxy = proxy.clone();
    tokio::spawn(async move {
        match send(&proxy, request).await {
            Ok(answer) => Ok(answer.status().as_u16()),
            Err(failed) => Err((failed.error().kind(), failed.request().is_some())),
        }
    })
}

/// They say that the request was not processed, so it is sent again, with any method.
#[tokio::test]
async fn a_refused_request_goes_again() {
    for (frames, method) in [
        (Bare::REFUSED_1, "GET"),
        (Bare::GOAWAY_0, "GET"),
        (Bare::REFUSED_1, "POST"),
        (Bare::GOAWAY_0, "POST"),
    ] {
        let bare = Bare::start().await;
        let proxy = proxy(http2(), &bare.target());
        let request =
            Request::builder().method(method).uri("/").header("host", "test").body(Full::default()).unwrap();
        let answer = asking(&proxy, request);
        let mut stream = bare.accept_request().await;
        stream.write_all(frames).await.unwrap();
        if frames == Bare::GOAWAY_0 {
            let mut second = bare.accept_request().await;
            second.write_all(Bare::NO_CONTENT_1).await.unwrap();
        } else {
            read_head(&mut stream).await;
            stream.write_all(Bare::NO_CONTENT_3).await.unwrap();
        }
        assert_eq!(answer.await.unwrap(), Ok(204), "{method}");
    }
}

#[tokio::test]
async fn an_upstream_that_wants_http1_gets_none_from_what_speaks_http2_alone() {
    for frames in [Bare::WANTS_HTTP1_1, Bare::WANTS_HTTP1_ALL] {
        let bare = Bare::start().await;
        let proxy = proxy(http2(), &bare.target());
        let answer = asking(&proxy, get("/"));
        let mut stream = bare.accept_request().await;
        stream.write_all(frames).await.unwrap();
        assert_eq!(answer.await.unwrap(), Err((ErrorKind::Http1Unavailable, false)));
    }
}

#[tokio::test]
async fn a_reset_is_the_end_of_that_request_alone() {
    let bare = Bare::start().await;
    let proxy = proxy(http2(), &bare.target());
    let answer = asking(&proxy, post("abc"));
    let mut stream = bare.accept_request().await;
    stream.write_all(Bare::INTERNAL_ERROR_1).await.unwrap();
    assert_eq!(answer.await.unwrap(), Err((ErrorKind::ConnectionTerminated, false)));
    let answer = asking(&proxy, get("/"));
    read_head(&mut stream).await;
    stream.write_all(Bare::NO_CONTENT_3).await.unwrap();
    assert_eq!(answer.await.unwrap(), Ok(204), "on the same connection");
}

#[tokio::test]
async fn a_reused_connection_that_dies_is_the_stale_case() {
    for (request, expected) in
        [(get("/"), Ok(204)), (post("abc"), Err((ErrorKind::ConnectionTerminated, false)))]
    {
        let bare = Bare::start().await;
        let proxy = proxy(http2(), &bare.target());
        let first = asking(&proxy, get("/"));
        let mut stream = bare.accept_request().await;
        stream.write_all(Bare::NO_CONTENT_1).await.unwrap();
        assert_eq!(first.await.unwrap(), Ok(204));

        let second = asking(&proxy, request);
        read_head(&mut stream).await;
        drop(stream);
        if expected.is_ok() {
            bare.accept_request().await.write_all(Bare::NO_CONTENT_1).await.unwrap();
        }
        assert_eq!(second.await.unwrap(), expected);
    }
}

#[tokio::test]
async fn a_fresh_connection_that_dies_is_not() {
    let bare = Bare::start().await;
    let proxy = proxy(http2(), &bare.target());
    let answer = asking(&proxy, get("/"));
    drop(bare.accept_request().await);
    assert_eq!(answer.await.unwrap(), Err((ErrorKind::ConnectionTerminated, true)), "safe, so elsewhere");
}

#[tokio::test]
async fn an_upstream_without_http2_is_found_out_before_a_request_is_sent() {
    let bare = Bare::start().await;
    let proxy = proxy(http2(), &bare.target());
    let answer = asking(&proxy, post("abc"));
    let mut stream = bare.accept().await;
    stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").await.unwrap();
    assert_eq!(answer.await.unwrap(), Err((ErrorKind::HttpProtocolError, true)));
}

#[tokio::test(start_paused = true)]
async fn an_upstream_that_never_says_its_settings_is_a_connect_timeout() {
    let bare = Bare::start().await;
    let proxy = proxy(http2(), &bare.target());
    let answer = asking(&proxy, post("abc"));
    let _silent = bare.accept().await;
    assert_eq!(answer.await.unwrap(), Err((ErrorKind::ConnectionTimeout, true)));
}

#[tokio::test]
async fn an_answer_against_the_protocol_is_said_to_be_that() {
    let bare = Bare::start().await;
    let proxy = proxy(http2(), &bare.target());
    let answer = asking(&proxy, post("abc"));
    let mut stream = bare.accept_request().await;
    // DATA on a stream that was never opened.
    stream.write_all(&[0, 0, 1, 0, 0, 0, 0, 0, 9, 0]).await.unwrap();
    assert_eq!(answer.await.unwrap(), Err((ErrorKind::HttpProtocolError, false)));
}

/// RFC 9113 §6.5.2 and §6.9. A frame size of 0 has sent another client into a loop without end.
#[tokio::test]
async fn frames_against_the_protocol_end_the_connection_and_nothing_else() {
    let settings =
        |id: u8, value: u32| [&[0, 0, 6, 4, 0, 0, 0, 0, 0, 0, id][..], &value.to_be_bytes()].concat();
    let window = |increment: u32| [&[0, 0, 4, 8, 0, 0, 0, 0, 0][..], &increment.to_be_bytes()].concat();
    for (what, frames) in [
        ("a push that is neither on nor off", settings(2, 2)),
        ("a window beyond the largest", settings(4, 1 << 31)),
        ("frames of 0 bytes", settings(5, 0)),
        ("frames of fewer bytes than the least", settings(5, (1 << 14) - 1)),
        ("frames of more bytes than the most", settings(5, 1 << 24)),
        ("half a setting", vec![0, 0, 3, 4, 0, 0, 0, 0, 0, 0, 4, 0]),
        ("settings of a stream", vec![0, 0, 0, 4, 0, 0, 0, 0, 1]),
        ("a window that grows by nothing", window(0)),
        ("a window that grows beyond the largest", window((1 << 31) - 1)),
        ("a request of its own", vec![0, 0, 5, 5, 4, 0, 0, 0, 1, 0, 0, 0, 2, 0x82]),
        ("a frame longer than was agreed on", vec![0, 0x40, 1, 0, 0, 0, 0, 0, 1]),
    ] {
        let bare = Bare::start().await;
        let proxy = proxy(http2(), &bare.target());
        let answer = asking(&proxy, post("abc"));
        let mut stream = bare.accept_request().await;
        stream.write_all(&frames).await.unwrap();
        assert_eq!(answer.await.unwrap(), Err((ErrorKind::HttpProtocolError, false)), "{what}");
        let next = asking(&proxy, get("/"));
        bare.accept_request().await.write_all(Bare::NO_CONTENT_1).await.unwrap();
        assert_eq!(next.await.unwrap(), Ok(204), "{what}, the request after it");
    }
}

/// Sends a little, and breaks off when the test says so.
struct Broken {
    begun: bool,
    told: oneshot::Receiver<()>,
}

impl http_body::Body for Broken {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        if !std::mem::replace(&mut self.begun, true) {
            return Poll::Ready(Some(Ok(Frame::data(Bytes::from("abc")))));
        }
        Pin::new(&mut self.told).poll(cx).map(|_| Some(Err(std::io::Error::other("gone"))))
    }
}

/// hyper only reports that it reset the stream.
#[tokio::test]
async fn a_body_that_the_client_breaks_off_is_the_clients_doing() {
    let mut upstream = Upstream::start(Builder::new()).await;
    let proxy = ProxyLayer::new(upstream.target().parse().unwrap()).layer(http2().build());
    let (tell, told) = oneshot::channel();
    let request = Request::post("/").header("host", "test").body(Broken { begun: false, told }).unwrap();
    let asking = tokio::spawn(async move { within("an answer", proxy.oneshot(request)).await });
    let mut exchange = upstream.next().await;
    tell.send(()).unwrap();
    let failed = asking.await.unwrap().unwrap_err();
    assert_eq!(failed.error().kind(), ErrorKind::BadRequest);
    let upload = async {
        loop {
            if let Err(end) = exchange.request.body_mut().data().await.expect("no clean end") {
                return end;
            }
        }
    };
    assert!(within("the upload's end", upload).await.is_reset());
}
